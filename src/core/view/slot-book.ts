import type { Reservation } from '../../api/reservation.ts';
import type { AcceptedSlot } from '../allocator/decision.ts';
import type { AppRef } from '../allocator/demand.ts';
import { winner } from '../allocator/slot-conflict.ts';
import { type HeldSlot, readHeldSlots, withPod } from '../facts/held-slot.ts';
import { sameResources } from '../resources/vector.ts';
import { AssumedSlots, isAssumed } from './assumed-slots.ts';
import type { MemberCharges, MemberId } from './member-charges.ts';

/** Whoever counts what slots hold. Added first to the first, removed first from the last. */
export interface SlotCounter {
  readonly add: (slot: HeldSlot) => void;
  readonly remove: (slot: HeldSlot) => void;
}

/** Slots as Reservations say them, and those that were accepted and not seen yet. Conflicted slots hold nothing. */
export class SlotBook {
  readonly #members: MemberCharges;
  readonly #counters: readonly SlotCounter[];
  readonly #reservations = new Map<string, readonly HeldSlot[]>();
  readonly #assumed = new AssumedSlots();

  constructor(members: MemberCharges, counters: readonly SlotCounter[]) {
    this.#members = members;
    this.#counters = counters;
  }

  /** See ClusterView.setReservation. */
  set(reservation: Reservation): void {
    const key = `${reservation.metadata.namespace}/${reservation.metadata.name}`;
    const slots = readHeldSlots(reservation);
    for (const slot of this.#reservations.get(key) ?? []) this.#remove(slot);
    this.#reservations.set(key, slots);
    for (const slot of slots) {
      this.#add(slot);
      const seen = this.#assumed.takeSeen(slot);
      if (seen !== undefined) this.#remove(seen);
    }
  }

  delete(key: string): void {
    for (const slot of this.#reservations.get(key) ?? []) this.#remove(slot);
    this.#reservations.delete(key);
  }

  assume(app: AppRef, slots: readonly AcceptedSlot[], framework: string): void {
    for (const accepted of slots) {
      if (this.#isSeen(app, accepted)) continue;
      const { added, replaced } = this.#assumed.add(app, accepted, framework);
      if (replaced !== undefined) this.#remove(replaced);
      this.#add(added);
    }
  }

  forget(app: AppRef): void {
    for (const slot of this.#assumed.takeAll(app.uid)) this.#remove(slot);
  }

  /** Of several slots of the member (a leader change, or one assumed) the one that wins the conflict. */
  of(member: MemberId): HeldSlot | undefined {
    let best: HeldSlot | undefined;
    for (const slot of this.#members.slotsOf(member)) best = best === undefined ? slot : better(best, slot);
    return best;
  }

  #isSeen(app: AppRef, accepted: AcceptedSlot): boolean {
    const slots = [...this.#members.slotsOf({ appUid: app.uid, member: accepted.member })];
    const wanted = withPod(accepted.resources);
    return slots.some(
      (slot) => !isAssumed(slot) && slot.slot.node === accepted.node && sameResources(slot.resources, wanted),
    );
  }

  #add(slot: HeldSlot): void {
    if (slot.slot.state !== 'Conflicted') for (const counter of this.#counters) counter.add(slot);
  }

  #remove(slot: HeldSlot): void {
    if (slot.slot.state !== 'Conflicted') for (const counter of this.#counters.toReversed()) counter.remove(slot);
  }
}

function better(left: HeldSlot, right: HeldSlot): HeldSlot {
  return winner({ ...left.slot, uid: left.uid, held: left }, { ...right.slot, uid: right.uid, held: right }).held;
}
