import type { Slot } from '../api/reservation.ts';
import { giveUp, isGivenUp } from '../core/app/given-up-slot.ts';
import { isPinned } from '../core/app/kept-slots.ts';
import { parseTime } from '../core/app/rfc3339.ts';
import { NotLeaderError } from '../kube/errors.ts';
import type { Writer } from '../kube/writer.ts';
import { type Leaving, type LiveCheckOptions, ReclaimLiveCheck } from './reclaim-live-check.ts';
import type { ReservationWriter, SlotWrite } from './reservation-writer.ts';

/** What a try came to. `gone`: the pod is on its way out, gone, or another one. `refused`: why not now; `final`: its slot is, or may soon be, its own again. */
export type Eviction =
  | { readonly kind: 'done' | 'gone' }
  | { readonly kind: 'refused'; readonly message: string; readonly final?: boolean };

export interface ReclaimEvictionOptions extends LiveCheckOptions {
  readonly writer: Pick<Writer, 'evict' | 'get'>;
  readonly reservations: Pick<ReservationWriter, 'keep' | 'newest'>;
  /** Epoch seconds. */
  readonly now: () => number;
}

/** No eviction is begun when the slot may be its member's again before it has had an answer. */
const ANSWER_SECONDS = 15;

/**
 * Makes members go, in an order in which a crash at any point leaves nothing promised twice and nobody gone in vain: it is asked whether
 * the pod would be let go; the slot is given up, so that the member cannot come back to it; the pod is evicted. A slot that was given up
 * ends with its pod; it is its member's again when nobody evicts the pod in time. Each pod is read live before it is asked to go.
 */
export class ReclaimEviction {
  readonly #options: ReclaimEvictionOptions;
  readonly #check: ReclaimLiveCheck;

  constructor(options: ReclaimEvictionOptions) {
    this.#options = options;
    this.#check = new ReclaimLiveCheck(options);
  }

  /** Whether the member would be let go now; nothing is changed. Throws NotLeaderError only. */
  async ask(leaving: Leaving): Promise<Eviction> {
    const slot = this.#slotOf(leaving);
    if (slot === undefined) return { kind: 'gone' };
    if (isPinned(slot)) return { kind: 'refused', message: `${leaving.member} has a volume on ${leaving.node}` };
    return this.#evict(leaving, true);
  }

  /** Gives up the slots of members of one app, all in one write. Throws what the API server answered, but for lost races. */
  async giveUp(members: readonly Leaving[]): Promise<SlotWrite> {
    const [first] = members;
    if (first === undefined) return 'unchanged';
    const { reservations, now } = this.#options;
    const base = reservations.newest(first.app);
    const isMeant = (slot: Slot) => members.some((leaving) => isSlotOf(slot, leaving));
    const slots = base?.spec.slots.map((slot) => (isMeant(slot) ? giveUp(slot, now()) : slot)) ?? [];
    if (slots.filter(isMeant).length < members.length) return 'conflict';
    return reservations.keep(first.app, slots, base);
  }

  /** Evicts a pod whose slot is given up. Throws NotLeaderError only. */
  async evict(leaving: Leaving): Promise<Eviction> {
    const slot = this.#slotOf(leaving);
    if (slot === undefined) return { kind: 'gone' };
    const until = isGivenUp(slot) ? (parseTime(slot.holdUntil) ?? 0) : 0;
    if (until - ANSWER_SECONDS < this.#options.now())
      return { kind: 'refused', message: `${leaving.member} could not be evicted in time`, final: true };
    return this.#evict(leaving, false);
  }

  async #evict(leaving: Leaving, dryRun: boolean): Promise<Eviction> {
    const { app, member, podUid } = leaving;
    try {
      const found = await this.#check.look(leaving);
      if (found === 'gone') return { kind: 'gone' };
      if (found !== 'may go') return { kind: 'refused', message: found.problem };
      await this.#options.writer.evict(app.namespace, member, { uid: podUid, dryRun });
      return { kind: 'done' };
    } catch (error) {
      if (error instanceof NotLeaderError) throw error;
      const message = error instanceof Error ? error.message : String(error);
      return { kind: 'refused', message: `${app.namespace}/${member}: ${message}` };
    }
  }

  #slotOf(leaving: Leaving): Slot | undefined {
    return this.#options.reservations.newest(leaving.app)?.spec.slots.find((slot) => isSlotOf(slot, leaving));
  }
}

/** The slot that the pod claimed, given up or not. */
function isSlotOf(slot: Slot, { member, node, podUid }: Leaving): boolean {
  const isKept = slot.state === 'Claimed' || isGivenUp(slot);
  return isKept && slot.member === member && slot.node === node && slot.podUID === podUid;
}
