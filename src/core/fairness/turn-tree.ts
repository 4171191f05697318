import { SiblingRanks } from './sibling-ranks.ts';
import { ROOT } from './tree-shape.ts';
import type { TenantTree } from './tenant-tree.ts';

/** What a leaf would be served next. `request` is by column of the tree; of leaves that stand alike the tie is broken from left to right. */
export interface Claim {
  readonly request: Float64Array;
  readonly priority: number;
  /** Epoch seconds. */
  readonly pendingSinceSeconds: number;
  readonly uid: string;
}

const NOBODY = -1;
const NOWHERE = -1;

/**
 * Whose turn it is. Each node of the tree keeps those of its children in a heap that have a claim below them; after a turn only the line
 * from the leaf to the root is put in order anew, which costs depth × log(siblings). Tenants without claims do not count.
 */
export class TurnTree {
  readonly ranks: SiblingRanks;
  readonly #tree: TenantTree;
  readonly #claims: (Claim | undefined)[];
  /** By number: the leaf whose claim stands for the node. */
  readonly #heirs: Int32Array;
  /** By number: where its children's heap begins, and how many are in it. */
  readonly #starts: Int32Array;
  readonly #sizes: Int32Array;
  readonly #heap: Int32Array;
  /** By number: its place in its parent's heap. */
  readonly #places: Int32Array;

  constructor(tree: TenantTree) {
    const rows = tree.shape.parents.length;
    this.#tree = tree;
    this.ranks = new SiblingRanks(tree);
    this.#claims = Array.from({ length: rows }, () => undefined);
    this.#heirs = new Int32Array(rows).fill(NOBODY);
    this.#sizes = new Int32Array(rows);
    this.#heap = new Int32Array(rows);
    this.#places = new Int32Array(rows).fill(NOWHERE);
    this.#starts = new Int32Array(rows);
    let start = 0;
    for (const [number, children] of tree.shape.children.entries()) {
      this.#starts[number] = start;
      start += children.length;
    }
  }

  /** The leaf whose turn it is; undefined: nobody waits. */
  next(): number | undefined {
    const leaf = this.#heirs[ROOT] ?? NOBODY;
    return leaf === NOBODY ? undefined : leaf;
  }

  claimOf(leaf: number): Claim | undefined {
    return this.#claims[leaf];
  }

  /** The leaf claims this next, or nothing any more. To be called after the leaf was charged, too: its line is put in order anew. */
  set(leaf: number, claim: Claim | undefined): void {
    this.#claims[leaf] = claim;
    this.#heirs[leaf] = claim === undefined ? NOBODY : leaf;
    for (let at = leaf; at > ROOT; at = this.#tree.parentOf(at)) {
      const standing = this.#claims[this.#heirs[at] ?? NOBODY];
      if (standing === undefined) this.#remove(at);
      else {
        this.ranks.update(at, standing.request, at === leaf);
        this.#settle(at);
      }
      const parent = this.#tree.parentOf(at);
      const first = this.#heap[this.#starts[parent] ?? 0] ?? NOBODY;
      this.#heirs[parent] = (this.#sizes[parent] ?? 0) === 0 ? NOBODY : (this.#heirs[first] ?? NOBODY);
    }
  }

  #isBefore(left: number, right: number): boolean {
    const byShare = this.ranks.compare(left, right);
    if (byShare !== 0) return byShare < 0;
    const a = this.#claims[this.#heirs[left] ?? NOBODY];
    const b = this.#claims[this.#heirs[right] ?? NOBODY];
    if (a === undefined || b === undefined) return left < right;
    if (a.priority !== b.priority) return a.priority > b.priority;
    if (a.pendingSinceSeconds !== b.pendingSinceSeconds) return a.pendingSinceSeconds < b.pendingSinceSeconds;
    return a.uid === b.uid ? left < right : a.uid < b.uid;
  }

  /** Puts the node where it belongs in its parent's heap, entering it when it is not there. */
  #settle(number: number): void {
    const parent = this.#tree.parentOf(number);
    if (this.#places[number] === NOWHERE) {
      this.#put(parent, this.#sizes[parent] ?? 0, number);
      this.#sizes[parent] = (this.#sizes[parent] ?? 0) + 1;
    }
    this.#rise(parent, number);
    this.#sink(parent, number);
  }

  #remove(number: number): void {
    const place = this.#places[number] ?? NOWHERE;
    if (place === NOWHERE) return;
    const parent = this.#tree.parentOf(number);
    const size = (this.#sizes[parent] ?? 0) - 1;
    const last = this.#at(parent, size);
    this.#sizes[parent] = size;
    this.#places[number] = NOWHERE;
    if (last === number) return;
    this.#put(parent, place, last);
    this.#rise(parent, last);
    this.#sink(parent, last);
  }

  #rise(parent: number, number: number): void {
    let place = this.#places[number] ?? 0;
    while (place > 0) {
      const above = this.#at(parent, (place - 1) >> 1);
      if (!this.#isBefore(number, above)) break;
      this.#put(parent, place, above);
      place = (place - 1) >> 1;
    }
    this.#put(parent, place, number);
  }

  #sink(parent: number, number: number): void {
    const size = this.#sizes[parent] ?? 0;
    let place = this.#places[number] ?? 0;
    for (;;) {
      const left = 2 * place + 1;
      if (left >= size) break;
      const right = left + 1;
      const child = right < size && this.#isBefore(this.#at(parent, right), this.#at(parent, left)) ? right : left;
      if (!this.#isBefore(this.#at(parent, child), number)) break;
      this.#put(parent, place, this.#at(parent, child));
      place = child;
    }
    this.#put(parent, place, number);
  }

  #at(parent: number, place: number): number {
    return this.#heap[(this.#starts[parent] ?? 0) + place] ?? NOBODY;
  }

  #put(parent: number, place: number, number: number): void {
    this.#heap[(this.#starts[parent] ?? 0) + place] = number;
    this.#places[number] = place;
  }
}
