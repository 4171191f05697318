import { LABEL_APP } from '../api/labels.ts';
import type { KubeObject } from '../core/app/plan.ts';
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
