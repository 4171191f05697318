import type { HeldSlot } from '../core/facts/held-slot.ts';
import { objectKey } from '../kube/kube-object.ts';
import type { Stores } from './caches.ts';
import { isReachableElsewhere, restOf } from './reclaim-live-check.ts';

/** How long somebody who could not go is not asked again: longer each time. */
const FIRST_SECONDS = 15;
const MOST_SECONDS = 600;

interface Refused {
  readonly untilSeconds: number;
  readonly times: number;
}

/** Who is not asked to go whatever their framework has borrowed, as far as memory tells; before anybody goes it is looked at live. */
export class ReclaimSpared {
  readonly #stores: Pick<Stores, 'apps' | 'claims' | 'nodes' | 'pods' | 'volumes'>;
  /** By UID of the pod. */
  readonly #refused = new Map<string, Refused>();

  constructor(stores: Pick<Stores, 'apps' | 'claims' | 'nodes' | 'pods' | 'volumes'>) {
    this.#stores = stores;
  }

  /** The pod cannot go now; answers in how many seconds it may be asked again. `now` is epoch seconds. */
  refused(podUid: string, now: number): number {
    for (const [uid, { untilSeconds }] of this.#refused) {
      if (untilSeconds + MOST_SECONDS < now) this.#refused.delete(uid);
    }
    const times = this.#refused.get(podUid)?.times ?? 0;
    const seconds = Math.min(MOST_SECONDS, FIRST_SECONDS * 2 ** times);
    this.#refused.set(podUid, { untilSeconds: now + seconds, times: times + 1 });
    return seconds;
  }

  isSpared({ namespace, appName, appUid, slot }: HeldSlot, now: number): boolean {
    if (slot.state !== 'Claimed' || now < (this.#refused.get(slot.podUID)?.untilSeconds ?? 0)) return true;
    const app = this.#stores.apps.get(objectKey(namespace, appName));
    if (app?.metadata.uid !== appUid || restOf(app) !== undefined) return true;
    const pod = this.#stores.pods.get(objectKey(namespace, slot.member));
    if (pod?.uid !== slot.podUID || pod.nodeName !== slot.node || pod.deleting) return true;
    return pod.claims.some((claim) => !this.#isMovable(objectKey(namespace, claim), slot.node));
  }

  #isMovable(claim: string, node: string): boolean {
    const { claims, volumes, nodes } = this.#stores;
    const volume = volumes.get(claims.get(claim)?.volumeName ?? '');
    return volume !== undefined && isReachableElsewhere(volume, node, () => nodes.list());
  }
}
