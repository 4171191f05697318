import type { Resources } from '../resources/resources.ts';
import type { NodeRoom } from './admission-world.ts';

/** How finely ranks tell nodes apart: 1 … RANKS. */
export const RANKS = 512;

/** Nothing is held there that we know of, and nothing is known to be free. */
const RANK_OF_UNKNOWN = 1 + RANKS / 2;

const KNOWN = 1;
const READY = 2;
const UNSCHEDULABLE = 4;
const RESERVES = 8;

/** A resource by entry: what is left, and how much of what is gone was only promised. */
interface Column {
  left: Float64Array;
  promised: Float64Array;
}

/**
 * The room of many nodes as columns of numbers, a node being an entry: a request looks at 5,000, and makes no garbage so. Who owns the
 * names gives out the entries, from 0 without gaps. An entry without a room reads as a node of which nothing is known.
 */
export class RoomColumns {
  #states = new Uint8Array(512);
  #shares = new Float64Array(512);
  /** Follows from state and share; apart, as every request looks at all of them. */
  #ranks = new Uint16Array(512).fill(RANK_OF_UNKNOWN);
  readonly #columns = new Map<string, Column>();
  /** Promises not taken back yet, by entry. */
  #promises = new Int32Array(512);

  /** Puts a room there, or replaces it. What was promised stays promised. */
  set(entry: number, room: NodeRoom): void {
    this.clear(entry);
    this.#states[entry] =
      KNOWN | (room.ready ? READY : 0) | (room.unschedulable ? UNSCHEDULABLE : 0) | (room.reserves ? RESERVES : 0);
    this.#shares[entry] = room.freeShare;
    this.#ranks[entry] = rankOf(room);
    for (const resource in room.free) {
      const { left, promised } = this.#column(resource);
      left[entry] = (room.free[resource] ?? 0) - (promised[entry] ?? 0);
    }
  }

  /** The node is gone, and what was promised of it is remembered, as it may come back. */
  clear(entry: number): void {
    if (entry >= this.#states.length) this.#lengthen(entry * 2);
    this.#states[entry] = 0;
    this.#shares[entry] = 0;
    this.#ranks[entry] = RANK_OF_UNKNOWN;
    for (const { left, promised } of this.#columns.values()) left[entry] = 0 - (promised[entry] ?? 0);
  }

  isKnown(entry: number): boolean {
    return this.#states[entry] !== 0 && entry >= 0;
  }

  /** Whether slots hold room here that no pod uses yet; never where nothing is known. */
  reserves(entry: number): boolean {
    return ((this.#states[entry] ?? 0) & RESERVES) !== 0;
  }

  /** 1 … RANKS: nodes where nothing is held come before all others, then the emptier one. */
  rank(entry: number): number {
    return this.#ranks[entry] ?? RANK_OF_UNKNOWN;
  }

  /** By entry, what slots, pods and promises leave of a resource; below zero where it is overbooked; undefined: no node has any. */
  left(resource: string): Float64Array | undefined {
    return this.#columns.get(resource)?.left;
  }

  /** By entry, what of a resource was taken off `left` because pods were let through that are not bound yet. */
  promises(resource: string): Float64Array | undefined {
    return this.#columns.get(resource)?.promised;
  }

  /** The room as it was put there, promises not taken off. */
  room(entry: number, name: string): NodeRoom | undefined {
    const state = this.#states[entry] ?? 0;
    if (state === 0) return undefined;
    const free = Array.from(
      this.#columns,
      ([resource, { left, promised }]) => [resource, (left[entry] ?? 0) + (promised[entry] ?? 0)] as const,
    );
    return {
      name,
      ready: (state & READY) !== 0,
      unschedulable: (state & UNSCHEDULABLE) !== 0,
      free: Object.fromEntries(free),
      freeShare: this.#shares[entry] ?? 0,
      reserves: (state & RESERVES) !== 0,
    };
  }

  /** Takes what a pod may be about to use off the entries, or puts it back. */
  promise(entries: readonly number[], requests: Resources, change: 'promised' | 'released'): void {
    const sign = change === 'promised' ? 1 : -1;
    for (const entry of entries) {
      if (entry >= this.#states.length) this.#lengthen(entry * 2);
      this.#promises[entry] = (this.#promises[entry] ?? 0) + sign;
    }
    for (const resource in requests) {
      const amount = (requests[resource] ?? 0) * sign;
      const { left, promised } = this.#column(resource);
      for (const entry of entries) {
        left[entry] = (left[entry] ?? 0) - amount;
        promised[entry] = (promised[entry] ?? 0) + amount;
      }
    }
  }

  promised(entry: number, resource: string): number {
    return this.#columns.get(resource)?.promised[entry] ?? 0;
  }

  /** Whether the entry says anything: a room or a promise. */
  isUsed(entry: number): boolean {
    return this.isKnown(entry) || (this.#promises[entry] ?? 0) !== 0;
  }

  /** Keeps these entries only; the first becomes entry 0, and so on. */
  keep(entries: readonly number[]): void {
    const length = Math.max(512, entries.length * 2);
    this.#states = picked(this.#states, new Uint8Array(length), entries);
    this.#shares = picked(this.#shares, new Float64Array(length), entries);
    this.#ranks = picked(this.#ranks, new Uint16Array(length).fill(RANK_OF_UNKNOWN), entries);
    this.#promises = picked(this.#promises, new Int32Array(length), entries);
    for (const column of this.#columns.values()) {
      column.left = picked(column.left, new Float64Array(length), entries);
      column.promised = picked(column.promised, new Float64Array(length), entries);
    }
  }

  #column(resource: string): Column {
    const known = this.#columns.get(resource);
    if (known !== undefined) return known;
    const { length } = this.#states;
    const column = { left: new Float64Array(length), promised: new Float64Array(length) };
    this.#columns.set(resource, column);
    return column;
  }

  #lengthen(length: number): void {
    this.#states = longer(this.#states, new Uint8Array(length));
    this.#shares = longer(this.#shares, new Float64Array(length));
    this.#ranks = longer(this.#ranks, new Uint16Array(length).fill(RANK_OF_UNKNOWN));
    this.#promises = longer(this.#promises, new Int32Array(length));
    for (const column of this.#columns.values()) {
      column.left = longer(column.left, new Float64Array(length));
      column.promised = longer(column.promised, new Float64Array(length));
    }
  }
}

function rankOf({ reserves, freeShare }: Pick<NodeRoom, 'reserves' | 'freeShare'>): number {
  const rank = reserves ? freeShare : 1 + freeShare;
  return Math.min(RANKS, 1 + Math.floor((rank / 2) * RANKS));
}

type Numbers = Uint8Array | Uint16Array | Int32Array | Float64Array;

function longer<T extends Numbers>(from: T, to: T): T {
  to.set(from);
  return to;
}

function picked<T extends Numbers>(from: T, to: T, entries: readonly number[]): T {
  for (const [index, entry] of entries.entries()) to[index] = from[entry] ?? 0;
  return to;
}
