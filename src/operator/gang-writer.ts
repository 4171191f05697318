import { randomUUID } from 'node:crypto';
import type { Reservation } from '../api/reservation.ts';
import type { AcceptedSlot } from '../core/allocator/decision.ts';
import {
  type ProposalWrite,
  commitProposals,
  decisionId,
  isProposedWhole,
  isUnsettled,
  settleProposals,
} from '../core/allocator/gang-proposals.ts';
import { splitKey } from '../kube/kube-object.ts';
import type { Store } from '../kube/store.ts';
import type { ReservationWriter, SlotOwner, SlotWrite } from './reservation-writer.ts';

/** The slots that one app of a gang gets. */
export interface GangPart {
  readonly owner: SlotOwner;
  readonly slots: readonly AcceptedSlot[];
}

const UNSETTLED = 'unsettled';

/**
 * Decisions over several apps, for which there is no transaction: the slots are written Proposed, the lead's Reservation first; when all are
 * there the lead's Reservation commits the decision, in one write; then the others become Held. Whoever finds proposals, after a crash
 * at any point, completes them if they are committed and withdraws them if not. In a namespace one decision is written at a time, and
 * nothing is settled meanwhile, so whatever else is unsettled there was left behind.
 */
export class GangWriter {
  readonly #reservations: Pick<ReservationWriter, 'newest' | 'newestIn' | 'propose' | 'settle'>;
  readonly #store: Store<Reservation>;
  /** Namespaces in which a decision did not come to its end, maybe without the store showing it yet. */
  readonly #left = new Set<string>();
  /** Namespaces in which something is being written: however long that takes, nothing else is. */
  readonly #busy = new Set<string>();

  constructor(
    reservations: Pick<ReservationWriter, 'newest' | 'newestIn' | 'propose' | 'settle'>,
    store: Store<Reservation>,
  ) {
    this.#reservations = reservations;
    this.#store = store;
    store.index(UNSETTLED, (reservation) => (isUnsettled(reservation) ? UNSETTLED : undefined));
  }

  /** Whether something is left to be settled. */
  get isUnsettled(): boolean {
    return this.#left.size > 0 || this.#store.keysByIndex(UNSETTLED, UNSETTLED).length > 0;
  }

  /** Namespaces in which settling has not come to its end: nothing may be decided about gangs there. */
  get unsettled(): ReadonlySet<string> {
    return new Set(this.#left);
  }

  /**
   * Completes or withdraws what was left behind, but where something is being written; answers what is unsettled then. Throws what the API
   * server answered, but for lost races; one namespace does not wait for another.
   */
  async settleAll(): Promise<ReadonlySet<string>> {
    for (const key of this.#store.keysByIndex(UNSETTLED, UNSETTLED)) this.#left.add(splitKey(key).namespace ?? '');
    const idle = [...this.#left].filter((namespace) => !this.#busy.has(namespace));
    await Promise.all(idle.map((namespace) => this.#alone(namespace, () => this.#settle(namespace))));
    return this.unsettled;
  }

  /**
   * Gives all parts their slots, or none of them any. The first part is the lead's. `conflict`: somebody wrote in between, or writes there
   * now, or a member has a slot meanwhile; look again and decide anew. Throws what the API server answered, but for lost races.
   */
  async accept(parts: readonly GangPart[]): Promise<SlotWrite> {
    const [lead] = parts;
    if (lead === undefined) return 'unchanged';
    const { namespace } = lead.owner;
    return this.#busy.has(namespace) ? 'conflict' : this.#alone(namespace, () => this.#give(parts, lead));
  }

  async #alone<T>(namespace: string, work: () => Promise<T>): Promise<T> {
    this.#busy.add(namespace);
    try {
      return await work();
    } finally {
      this.#busy.delete(namespace);
    }
  }

  async #give(parts: readonly GangPart[], lead: GangPart): Promise<SlotWrite> {
    const { namespace } = lead.owner;
    const decision = decisionId(lead.owner.name, randomUUID());
    // Until the end is reached: a write may throw, and nobody knows what came of it.
    this.#left.add(namespace);
    const isCommitted = (await this.#propose(parts, decision)) && (await this.#commit(parts, lead, decision));
    await this.#settle(namespace);
    return isCommitted ? 'written' : 'conflict';
  }

  async #propose(parts: readonly GangPart[], decision: string): Promise<boolean> {
    for (const { owner, slots } of parts) {
      if ((await this.#reservations.propose(owner, slots, decision)) !== 'written') return false;
    }
    return true;
  }

  async #commit(parts: readonly GangPart[], lead: GangPart, decision: string): Promise<boolean> {
    const isWhole = parts.every(({ owner, slots }) => {
      const found = this.#reservations.newest(owner);
      const members = slots.map(({ member }) => member);
      return found !== undefined && isProposedWhole(found, decision, members);
    });
    const found = this.#reservations.newest(lead.owner);
    if (!isWhole || found === undefined) return false;
    const all = this.#reservations.newestIn(lead.owner.namespace);
    return (await this.#reservations.settle(commitProposals(found, decision, all))) === 'written';
  }

  /** In rounds, since a commit is forgotten only once all that it is about is Held. */
  async #settle(namespace: string): Promise<void> {
    this.#left.add(namespace);
    for (let writes = this.#writesFor(namespace); writes.length > 0; writes = this.#writesFor(namespace)) {
      for (const write of writes) if ((await this.#reservations.settle(write)) !== 'written') return;
    }
    this.#left.delete(namespace);
  }

  #writesFor(namespace: string): readonly ProposalWrite[] {
    return settleProposals(this.#reservations.newestIn(namespace));
  }
}
