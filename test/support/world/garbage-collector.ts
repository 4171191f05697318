import { controllerOf } from '../../../src/core/app/read-field.ts';
import type { WorldState } from './world-state.ts';

/** Children of another app than ours, and pods of a StatefulSet that is gone. */
export function collectGarbage(world: WorldState): void {
  for (const [kind, object] of world.children) {
    if (controllerOf(object)?.uid !== world.app.metadata.uid) world.children.delete(kind);
  }
  if (world.reservation !== undefined && world.reservation.spec.app.uid !== world.app.metadata.uid)
    world.reservation = undefined;
  const owner = world.children.get('StatefulSet')?.metadata.uid;
  for (const pod of world.pods.values()) if (pod.owner?.uid !== owner) world.deletePod(pod.name, pod.uid);
}
