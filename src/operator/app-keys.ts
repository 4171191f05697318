import type { AppBackup } from '../api/app-backup.ts';
import type { AppOperation } from '../api/app-operation.ts';
import { LABEL_APP } from '../api/labels.ts';
import type { KubeObject } from '../core/app/plan.ts';
import type { VolumeEventFacts } from '../core/facts/read-volume-event.ts';
import type { VolumeFacts } from '../core/facts/storage-facts.ts';
import { controllerOf } from '../core/app/read-field.ts';
import { objectKey } from '../kube/kube-object.ts';

interface Named {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Which apps (namespace/name) may be meant by an object: by its label, and by its name, since somebody may have made it without the
 * label or put our label on something else. Too many is harmless: a key without an app is dropped.
 */
export function appsOfPod(pod: Named): readonly string[] {
  return keys(pod, [pod.labels[LABEL_APP], /^(.+)-\d+$/.exec(pod.name)?.[1]]);
}

/** Claims are named `<volume>-<app>-<ordinal>`, and both parts may contain dashes: every split is possible. */
export function appsOfClaim(claim: Named): readonly string[] {
  const parts = /^(.+)-\d+$/.exec(claim.name)?.[1]?.split('-') ?? [];
  return keys(claim, [claim.labels[LABEL_APP], ...parts.slice(1).map((_, at) => parts.slice(at + 1).join('-'))]);
}

/** The apps that a volume's claim may be of, the one that it had before it was kept aside too. */
export function appsOfVolume({ claim, retiring }: VolumeFacts): readonly string[] {
  const now = claim === undefined ? [] : appsOfClaim({ ...claim, labels: {} });
  const before =
    claim === undefined || retiring === undefined ? [] : appsOfClaim({ ...claim, name: retiring.claim, labels: {} });
  return [...new Set([...now, ...before])];
}

/** The apps that an event may concern. */
export function appsOfEvent(event: VolumeEventFacts | null): readonly string[] {
  if (event === null) return [];
  const { namespace, name } = event;
  return event.kind === 'Pod'
    ? appsOfPod({ namespace, name, labels: {} })
    : appsOfClaim({ namespace, name, labels: {} });
}

/** The app that an object of ours names. */
export function appOfSpec({ metadata, spec }: AppOperation | AppBackup): string {
  return objectKey(metadata.namespace, spec.app);
}

/** The app that controls an object, that it carries the label of, and the one that would make an object of this name. */
export function appsOfObject(object: KubeObject): readonly string[] {
  const { namespace = '', name, labels = {} } = object.metadata;
  const owner = controllerOf(object);
  return keys({ namespace, name, labels }, [
    owner?.kind === 'PersistentApp' ? owner.name : undefined,
    labels[LABEL_APP],
    name,
  ]);
}

function keys(object: Named, names: readonly (string | undefined)[]): readonly string[] {
  const known = names.filter((name): name is string => name !== undefined && name !== '');
  return [...new Set(known)].map((name) => objectKey(object.namespace, name));
}
