import type { HeldSlot } from '../facts/held-slot.ts';
import type { Resources } from '../resources/resources.ts';
import { type Amount, NO_AMOUNT, combineAmounts } from './columns.ts';
import type { NodeTable } from './node-table.ts';

/** A member of an app by identity: its slot and its pods are one charge. */
export interface MemberId {
  readonly appUid: string;
  readonly member: string;
}

/** A bound pod that takes room. */
export interface ChargedPod {
  readonly uid: string;
  readonly row: number;
  readonly amount: Amount;
}

interface Member extends MemberId {
  readonly slots: Set<HeldSlot>;
  readonly pods: Map<string, ChargedPod>;
  /** What stands charged now, by row; each row is retained. */
  charged: ReadonlyMap<number, Amount>;
}

/**
 * Charges each member once: on every node it touches, max(its slot, its pods). Every change is "take the old charge back, work out the
 * new one from the present facts", so that the result does not depend on the order of events.
 */
export class MemberCharges {
  readonly #nodes: NodeTable;
  readonly #members = new Map<string, Member>();
  readonly #byApp = new Map<string, Set<Member>>();
  readonly #versions = new Map<string, number>();
  readonly #byRow = new Map<number, Set<Member>>();

  #version = 0;

  constructor(nodes: NodeTable) {
    this.#nodes = nodes;
  }

  addSlot(slot: HeldSlot): void {
    this.#change(idOf(slot), (member) => member.slots.add(slot));
  }

  removeSlot(slot: HeldSlot): void {
    this.#change(idOf(slot), (member) => member.slots.delete(slot));
  }

  addPod(id: MemberId, pod: ChargedPod): void {
    this.#change(id, (member) => member.pods.set(pod.uid, pod));
  }

  removePod(id: MemberId, podUid: string): void {
    this.#change(id, (member) => member.pods.delete(podUid));
  }

  slotsOf(id: MemberId): Iterable<HeldSlot> {
    return this.#find(id)?.slots ?? [];
  }

  /** What this member is charged on this row. */
  chargeOn(id: MemberId, row: number): Amount {
    return this.#find(id)?.charged.get(row) ?? NO_AMOUNT;
  }

  /** Where this member is charged. */
  charges(id: MemberId): ReadonlyMap<number, Amount> {
    return this.#find(id)?.charged ?? NOTHING;
  }

  /** The slots on a row, those of finished conflicts left out. */
  *slotsOn(row: number): Iterable<HeldSlot> {
    const name = this.#nodes.names[row];
    for (const member of this.#byRow.get(row) ?? []) {
      for (const slot of member.slots) if (slot.slot.node === name) yield slot;
    }
  }

  /** What this member's pods alone are charged on this row. */
  podsOn(id: MemberId, row: number): Amount {
    let sum = NO_AMOUNT;
    for (const pod of this.#find(id)?.pods.values() ?? []) {
      if (pod.row === row) sum = combineAmounts(sum, pod.amount, (a, b) => a + b);
    }
    return sum;
  }

  /** Rises with every change of any member's charge. */
  get version(): number {
    return this.#version;
  }

  /** Rises with every change of the app's charges. */
  versionOf(appUid: string): number {
    return this.#versions.get(appUid) ?? 0;
  }

  /** The sum over the app's members and nodes. */
  chargedToApp(appUid: string): Resources {
    let total = NO_AMOUNT;
    for (const member of this.#byApp.get(appUid) ?? []) {
      for (const amount of member.charged.values()) total = combineAmounts(total, amount, (a, b) => a + b);
    }
    return this.#nodes.columns.resources(total);
  }

  #change(id: MemberId, edit: (member: Member) => unknown): void {
    const member = this.#members.get(keyOf(id)) ?? this.#make(id);
    edit(member);
    const slotRows = [...member.slots].map((slot) => this.#nodes.retain(slot.slot.node));
    const charged = this.#wanted(member);
    for (const row of charged.keys()) this.#nodes.retainRow(row);
    for (const [row, amount] of member.charged) {
      this.#nodes.charge(row, amount, -1);
      this.#byRow.get(row)?.delete(member);
    }
    for (const [row, amount] of charged) {
      this.#nodes.charge(row, amount, 1);
      setOf(this.#byRow, row).add(member);
    }
    for (const row of [...member.charged.keys(), ...slotRows]) this.#nodes.release(row);
    member.charged = charged;
    this.#version += 1;
    this.#versions.set(id.appUid, this.#version);
    if (member.slots.size === 0 && member.pods.size === 0) this.#remove(member);
  }

  /** The rows of its slots are retained already. */
  #wanted(member: Member): ReadonlyMap<number, Amount> {
    const pods = new Map<number, Amount>();
    for (const pod of member.pods.values()) {
      pods.set(
        pod.row,
        combineAmounts(pods.get(pod.row) ?? NO_AMOUNT, pod.amount, (a, b) => a + b),
      );
    }
    const result = new Map(pods);
    for (const slot of member.slots) {
      const row = this.#nodes.rowOf(slot.slot.node) ?? 0;
      const amount = this.#nodes.columns.amount(slot.resources);
      result.set(row, combineAmounts(result.get(row) ?? NO_AMOUNT, amount, Math.max));
    }
    return result;
  }

  /** Most who ask ask for apps that have nothing yet: no key is put together for them. */
  #find(id: MemberId): Member | undefined {
    return this.#byApp.has(id.appUid) ? this.#members.get(keyOf(id)) : undefined;
  }

  #make(id: MemberId): Member {
    const member: Member = { ...id, slots: new Set(), pods: new Map(), charged: new Map() };
    this.#members.set(keyOf(id), member);
    setOf(this.#byApp, id.appUid).add(member);
    return member;
  }

  #remove(member: Member): void {
    this.#members.delete(keyOf(member));
    const siblings = this.#byApp.get(member.appUid);
    siblings?.delete(member);
    if (siblings?.size !== 0) return;
    this.#byApp.delete(member.appUid);
    this.#versions.delete(member.appUid);
  }
}

const NOTHING: ReadonlyMap<number, Amount> = new Map();

export function keyOf(id: MemberId): string {
  return `${id.appUid}/${id.member}`;
}

function idOf(slot: HeldSlot): MemberId {
  return { appUid: slot.appUid, member: slot.slot.member };
}

function setOf<Key, Item>(map: Map<Key, Set<Item>>, key: Key): Set<Item> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = new Set<Item>();
  map.set(key, made);
  return made;
}
