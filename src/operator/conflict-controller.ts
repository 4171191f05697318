import type { Slot } from '../api/reservation.ts';
import { conflictingSlots } from '../core/allocator/conflicting-slots.ts';
import type { HeldSlot } from '../core/facts/held-slot.ts';
import type { ClusterView } from '../core/view/cluster-view.ts';
import type { Log } from './log.ts';
import type { ReservationWriter } from './reservation-writer.ts';

export interface ConflictControllerOptions {
  readonly view: ClusterView;
  readonly reservations: Pick<ReservationWriter, 'keep' | 'newest'>;
  readonly log: Pick<Log, 'warn'>;
}

/** Settles slots that an old and a new leader accepted for the same room or volume space: the loser becomes Conflicted, and its app asks anew. */
export class ConflictController {
  readonly #options: ConflictControllerOptions;

  constructor(options: ConflictControllerOptions) {
    this.#options = options;
  }

  /** Looks at one node. Throws what the API server answered; a lost race is a retry by the change that won it. */
  async reconcile(nodeName: string): Promise<void> {
    // A node that is gone holds nothing; its members' slots are moved by their apps.
    for (const loser of conflictingSlots(this.#options.view, nodeName)) await this.#giveWay(loser);
  }

  async #giveWay(loser: HeldSlot): Promise<void> {
    const { reservations, log } = this.#options;
    const app = { namespace: loser.namespace, name: loser.appName, uid: loser.appUid, framework: loser.framework };
    const base = reservations.newest(app);
    const isLoser = (slot: Slot) =>
      slot.member === loser.slot.member && slot.node === loser.slot.node && slot.state === 'Held';
    if (!base?.spec.slots.some(isLoser)) return;
    const slots = base.spec.slots.map((slot): Slot => (isLoser(slot) ? { ...slot, state: 'Conflicted' } : slot));
    const outcome = await reservations.keep(app, slots, base);
    const entry = {
      namespace: app.namespace,
      app: app.name,
      member: loser.slot.member,
      node: loser.slot.node,
      outcome,
    };
    log.warn(entry, 'the slot was promised twice and gives way; the member is placed anew');
  }
}
