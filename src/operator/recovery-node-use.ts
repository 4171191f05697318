import { objectKey } from '../kube/kube-object.ts';
import type { PodFacts } from '../core/facts/pod-facts.ts';
import { exclusiveVolumeTest } from '../core/recovery/exclusive-volumes.ts';
import type { InstanceState } from '../core/recovery/instance-state.ts';
import type { NodeUse } from '../core/recovery/whole-node.ts';
import { appsOfPod } from './app-keys.ts';
import { BY_NODE, type Stores } from './caches.ts';
import { knownStorage } from './recovery-storage.ts';

/** All that the out-of-service taint of this node would speak for, as the caches know it. */
export function observeNodeUse(name: string, stores: Stores, mayTaint: boolean, instance: InstanceState): NodeUse {
  const pods = stores.pods.byIndex(BY_NODE, name).filter(({ phase }) => phase !== 'Succeeded' && phase !== 'Failed');
  const isExclusive = exclusiveVolumeTest(knownStorage(stores));
  return {
    mayTaint,
    instance,
    pods: pods.map((pod) => ({ ...pod, isMember: appsOf(pod, stores).length > 0 })),
    attachments: stores.attachments.byIndex(BY_NODE, name),
    claimOf: (namespace, claim) => stores.claims.get(objectKey(namespace, claim)),
    isExclusive: (volume) => isExclusive(stores.volumes.get(volume)),
    unwilling: unwilling(pods, stores),
  };
}

function appsOf(pod: PodFacts, stores: Stores): readonly string[] {
  return appsOfPod(pod).filter((key) => stores.apps.has(key));
}

/**
 * Apps whose members there may not all be moved at once. Members that are on the move already take their turns, wherever they were: else
 * the second member of a node would go with the taint as soon as the pod of the first was gone.
 */
function unwilling(pods: readonly PodFacts[], stores: Stores): readonly string[] {
  const members = new Map<string, Set<string>>();
  for (const pod of pods)
    for (const key of appsOf(pod, stores)) members.set(key, (members.get(key) ?? new Set()).add(pod.name));
  return [...members].flatMap(([key, there]) => {
    const app = stores.apps.get(key);
    if (app === undefined) return [];
    const slots = stores.reservations.get(key)?.spec.slots ?? [];
    const away = slots.filter(({ state, member }) => state === 'Moving' && !there.has(member)).length;
    const { policy, maxConcurrent } = app.spec.recovery.nodeFailure;
    return policy === 'Automatic' && !app.spec.paused && there.size + away <= maxConcurrent ? [] : [key];
  });
}
