import { API_VERSION } from '../../../api/group.ts';
import {
  LABEL_APP,
  LABEL_APP_UID,
  LABEL_FRAMEWORK,
  LABEL_INSTANCE,
  LABEL_MANAGED_BY,
  LABEL_NAME,
  MANAGED_BY,
} from '../../../api/labels.ts';
import type { PersistentApp } from '../../../api/persistent-app.ts';
import type { KubeObject } from '../plan.ts';

/** The labels that select an app's members and claims. The UID keeps a re-created app of the same name apart from the old one. */
export function selectorLabels(app: PersistentApp): Readonly<Record<string, string>> {
  return { [LABEL_APP]: app.metadata.name, [LABEL_APP_UID]: app.metadata.uid };
}

/** The same as text, for `status.selector` of the scale subresource. */
export function selectorText(app: PersistentApp): string {
  return Object.entries(selectorLabels(app))
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** Labels of everything we create for an app. */
export function ownedLabels(app: PersistentApp): Readonly<Record<string, string>> {
  return {
    [LABEL_NAME]: app.metadata.name,
    [LABEL_INSTANCE]: app.metadata.name,
    [LABEL_MANAGED_BY]: MANAGED_BY,
    ...selectorLabels(app),
    [LABEL_FRAMEWORK]: app.spec.framework,
  };
}

/** Metadata of a child: named like the app, in its namespace, controlled by it, so that it goes when the app goes. */
export function ownedMetadata(app: PersistentApp): KubeObject['metadata'] {
  return {
    name: app.metadata.name,
    namespace: app.metadata.namespace,
    labels: ownedLabels(app),
    ownerReferences: [
      {
        apiVersion: API_VERSION,
        kind: 'PersistentApp',
        name: app.metadata.name,
        uid: app.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  };
}
