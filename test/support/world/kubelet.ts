import type { WorldState } from './world-state.ts';

/** Stops what is being deleted; what has a node runs, and is ready at once. */
export function runPods(world: WorldState): void {
  growVolumes(world);
  for (const pod of world.pods.values()) {
    if (pod.deleting) world.pods.delete(pod.name);
    else if (pod.nodeName !== '' && !pod.ready) {
      for (const name of pod.claims) bindClaim(world, name);
      world.pods.set(pod.name, {
        ...pod,
        phase: 'Running',
        ready: true,
        readySinceSeconds: world.now,
        problem: undefined,
      });
    }
  }
}

function bindClaim(world: WorldState, name: string): void {
  const claim = world.claims.get(name);
  if (claim !== undefined)
    world.claims.set(name, { ...claim, phase: 'Bound', actualBytes: claim.bytes, volumeName: `pv-${claim.uid}` });
}

/** The storage and the node of a running pod have grown what was asked for. */
function growVolumes(world: WorldState): void {
  for (const name of [...world.pods.values()].filter(({ ready }) => ready).flatMap(({ claims }) => claims)) {
    const claim = world.claims.get(name);
    if (claim?.phase === 'Bound' && claim.actualBytes < claim.bytes) bindClaim(world, name);
  }
}
