import { LABEL_APP, LABEL_APP_UID } from '../../api/labels.ts';
import type { PersistentApp } from '../../api/persistent-app.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import { ordinalOf } from './member-name.ts';
import type { KubeObject } from './plan.ts';
import { controllerOf } from './read-field.ts';

/** `former`: of a deleted app of the same name; garbage collection will take it. `foreign`: somebody else's, never touched. */
export type Ownership = 'ours' | 'former' | 'foreign';

/** Whose a child of the app's name is. One without an owner is ours only when it carries our UID: it was orphaned on purpose. */
export function ownershipOf(app: PersistentApp, object: KubeObject): Ownership {
  const owner = controllerOf(object);
  if (owner === undefined) return object.metadata.labels?.[LABEL_APP_UID] === app.metadata.uid ? 'ours' : 'foreign';
  if (owner.uid === app.metadata.uid) return 'ours';
  return owner.kind === 'PersistentApp' && owner.name === app.metadata.name ? 'former' : 'foreign';
}

/** The object if it is ours. */
export function ifOurs(app: PersistentApp, object: KubeObject | undefined): KubeObject | undefined {
  return object !== undefined && ownershipOf(app, object) === 'ours' ? object : undefined;
}

/**
 * Whose a pod is. Only the chain of controllers proves that it is ours: pod → our StatefulSet. A pod that lost its StatefulSet to an
 * orphaning delete stays ours while its UID is in a slot, until the new StatefulSet takes it up; labels alone prove nothing.
 */
export function podOwnership(
  app: PersistentApp,
  pod: PodFacts,
  statefulSet: KubeObject | undefined,
  claimedBy: ReadonlySet<string>,
): Ownership {
  if (ordinalOf(app.metadata.name, pod.name) === undefined) return 'foreign';
  if (isOrphan(app, pod)) return 'ours';
  if (pod.owner === undefined) return claimedBy.has(pod.uid) ? 'ours' : 'foreign';
  if (statefulSet !== undefined && pod.owner.uid === statefulSet.metadata.uid) return 'ours';
  // A StatefulSet of our name that is no longer there: garbage collection has not reached its pods yet.
  const isFormer = pod.owner.kind === 'StatefulSet' && pod.owner.name === app.metadata.name;
  return isFormer && pod.labels[LABEL_APP] === app.metadata.name ? 'former' : 'foreign';
}

/**
 * Whether a pod is one that the StatefulSet left which status says is being replaced: it names that StatefulSet still, or nobody any more
 * and carries the app's UID. Without that word in status, labels prove nothing.
 */
export function isOrphan(app: PersistentApp, pod: PodFacts): boolean {
  const replaced = app.status?.replacement?.uid;
  if (replaced === undefined || ordinalOf(app.metadata.name, pod.name) === undefined) return false;
  return pod.owner === undefined ? pod.labels[LABEL_APP_UID] === app.metadata.uid : pod.owner.uid === replaced;
}
