import type { PersistentApp } from '../../../api/persistent-app.ts';
import type { VolumeClaim } from '../../../api/volume-claim.ts';
import type { KubeObject } from '../plan.ts';
import { readList, readString } from '../read-field.ts';
import { ANNOTATION_LAUNCHED } from './annotations.ts';
import { ownedMetadata, selectorLabels } from './owned-metadata.ts';
import { buildPodTemplate } from './pod-template.ts';

/** What a StatefulSet needs besides the app. */
export interface StatefulSetParts {
  /** From `buildClaimTemplate`, for a StatefulSet that is not there yet. */
  readonly claimTemplates: readonly object[];
  /** PriorityClass for a template that names none; empty: none. */
  readonly priorityClass: string;
  /** The kube-scheduler of members; absent: SCHEDULER_NAME. */
  readonly schedulerName?: string | undefined;
  /** How many pods there should be, from ordinal 0. */
  readonly replicas: number;
  /** How many members have had a slot together. */
  readonly launched: number;
  readonly live: KubeObject | undefined;
}

/**
 * The StatefulSet: all pods at once (members wait for each other by themselves), pods replaced by us (OnDelete), claims kept whatever
 * happens. The claim templates of a live one cannot be changed (kubernetes/kubernetes#68737), so it keeps them.
 */
export function buildStatefulSet(app: PersistentApp, parts: StatefulSetParts): KubeObject {
  const { live, replicas, launched } = parts;
  const volumeClaimTemplates = live === undefined ? parts.claimTemplates : liveClaimTemplates(live);
  const metadata = ownedMetadata(app);
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { ...metadata, annotations: { [ANNOTATION_LAUNCHED]: String(launched) } },
    spec: {
      serviceName: app.spec.serviceName ?? app.metadata.name,
      replicas,
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'OnDelete' },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      revisionHistoryLimit: 10,
      selector: { matchLabels: selectorLabels(app) },
      template: buildPodTemplate(app, mountable(app, volumeClaimTemplates), parts.priorityClass, parts.schedulerName),
      ...(volumeClaimTemplates.length === 0 ? {} : { volumeClaimTemplates }),
    },
  };
}

/** The volumes of the app that its pods can have: those with a claim template. */
function mountable(app: PersistentApp, claimTemplates: readonly object[]): readonly VolumeClaim[] {
  const names = new Set(claimTemplates.map((template) => readString(template, 'metadata', 'name')));
  return app.spec.volumeClaims.filter((volume) => names.has(volume.name));
}

/** Claim templates of a live StatefulSet as we may send them back: without what the server fills in. */
export function liveClaimTemplates(live: KubeObject): readonly object[] {
  return readList(live, 'spec', 'volumeClaimTemplates').map((template) => {
    const {
      status: _status,
      metadata,
      ...rest
    } = template as {
      readonly status?: unknown;
      readonly metadata: Readonly<Record<string, unknown>>;
    };
    const { creationTimestamp: _created, ...kept } = metadata;
    return { ...rest, metadata: kept };
  });
}
