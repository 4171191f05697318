import { isPinned } from '../core/app/kept-slots.ts';
import type { HeldSlot } from '../core/facts/held-slot.ts';
import type { MemberId } from '../core/view/member-charges.ts';
import type { WatchedPod } from './watched-pod.ts';

/** Within which it must be known what becomes of a slot whose pod was evicted: an operator that is there has said so long before. */
const UNDECIDED_SECONDS = 30;

interface Left extends MemberId {
  /** Of the member's slot, where it was not known yet that the pod had claimed it. */
  readonly decision: string | undefined;
  readonly untilSeconds: number;
}

/**
 * Slots of pods that were evicted and are gone, of which the Reservation says nothing new yet. Whoever has a member evicted so that it
 * does not come back gives its slot up first, and promises the room to others once the pod is gone. The watch of Reservations may be
 * behind that of pods: then the slot seems to be the member's still, and would let its next pod in beside those others. But that the
 * pod was evicted stands in the pod itself, and one watch shows what happens in its order.
 */
export class EvictedHolders {
  /** By UID of the pod. */
  readonly #left = new Map<string, Left>();
  #now = 0;

  /** `held` is the slot of the pod's member as it is known. */
  podGone(pod: WatchedPod, { appUid, member }: MemberId, held: HeldSlot | undefined): void {
    if (!pod.evicted) return;
    const isBehind = held !== undefined && isUnclaimed(held) && held.slot.node === pod.nodeName;
    const decision = isBehind ? held.slot.decision : undefined;
    this.#left.set(pod.uid, { appUid, member, decision, untilSeconds: this.#now + UNDECIDED_SECONDS });
  }

  /** Whether nobody has said yet what becomes of this slot. */
  isUndecided(held: HeldSlot): boolean {
    const { appUid, slot } = held;
    if (slot.state === 'Claimed') return this.#left.has(slot.podUID);
    if (this.#left.size === 0 || !isUnclaimed(held)) return false;
    return [...this.#left.values()].some(
      (left) => left.appUid === appUid && left.member === slot.member && left.decision === slot.decision,
    );
  }

  /** `now` is in seconds on a clock that never jumps. Answers those for whom time is up: their slots are theirs as before. */
  passTime(now: number): readonly MemberId[] {
    this.#now = now;
    const ended = [...this.#left].filter(([, { untilSeconds }]) => untilSeconds <= now);
    for (const [podUid] of ended) this.#left.delete(podUid);
    return ended.map(([, { appUid, member }]) => ({ appUid, member }));
  }
}

/** A slot as it was accepted: one that waits for the member's next pod has `holdUntil`, or is tied to the node by a volume. */
function isUnclaimed({ slot }: HeldSlot): boolean {
  return slot.state === 'Held' && slot.holdUntil === undefined && !isPinned(slot);
}
