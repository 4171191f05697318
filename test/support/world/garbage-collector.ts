import type { KubeObject } from '../../../src/core/app/plan.ts';
import { controllerOf } from '../../../src/core/app/read-field.ts';
import type { WorldState } from './world-state.ts';

/** Children of an app that is gone, or of another than ours, and pods of a StatefulSet that is gone. What has no owner stays. */
export function collectGarbage(world: WorldState): void {
  if (world.isGone) world.reservation = undefined;
  for (const [kind, object] of world.children) {
    const owner = controllerOf(object);
    const isLeft = world.isGone || owner?.uid !== world.app.metadata.uid;
    if (owner !== undefined && isLeft) world.children.delete(kind);
  }
  if (world.reservation !== undefined && world.reservation.spec.app.uid !== world.app.metadata.uid)
    world.reservation = undefined;
  const live = world.children.get('StatefulSet');
  if (live?.metadata['deletionTimestamp'] === undefined) removePods(world, live);
  else orphan(world);
}

/** Those of a StatefulSet that is gone. */
function removePods(world: WorldState, live: KubeObject | undefined): void {
  for (const pod of world.pods.values()) {
    if (pod.owner !== undefined && pod.owner.uid !== live?.metadata.uid) world.deletePod(pod.name, pod.uid);
  }
}

/** Its pods first, one a turn, then the StatefulSet. */
function orphan(world: WorldState): void {
  const owned = [...world.pods.values()].find((pod) => pod.owner !== undefined);
  if (owned === undefined) world.children.delete('StatefulSet');
  else world.pods.set(owned.name, { ...owned, owner: undefined });
}
