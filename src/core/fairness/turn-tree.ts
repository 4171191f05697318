import { Tournament } from '../placement/tournament.ts';
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

/**
 * Whose turn it is. At each node of the tree those of its children play against each other that have a claim below them; after a turn
 * only the line from the leaf to the root plays again, which costs depth × log(siblings). Tenants without claims do not count.
 */
export class TurnTree<C extends Claim = Claim> {
  readonly ranks: SiblingRanks;
  readonly #tree: TenantTree;
  readonly #claims: (C | undefined)[];
  /** By number: the leaf whose claim stands for the node. */
  readonly #heirs: Int32Array;
  /** By number: its children, which have consecutive numbers. */
  readonly #contests: readonly (Tournament | undefined)[];

  constructor(tree: TenantTree) {
    const rows = tree.shape.parents.length;
    this.#tree = tree;
    this.ranks = new SiblingRanks(tree);
    this.#claims = Array.from({ length: rows }, () => undefined);
    this.#heirs = new Int32Array(rows).fill(NOBODY);
    this.#contests = tree.shape.children.map((children) => {
      const [first] = children;
      return first === undefined ? undefined : new Tournament(first, children.length, this.#isBefore);
    });
  }

  /** The leaf whose turn it is; undefined: nobody waits. */
  next(): number | undefined {
    const leaf = this.#heirs[ROOT] ?? NOBODY;
    return leaf === NOBODY ? undefined : leaf;
  }

  claimOf(leaf: number): C | undefined {
    return this.#claims[leaf];
  }

  /** The leaf claims this next, or nothing any more. To be called after the leaf was charged, too: its line plays again. */
  set(leaf: number, claim: C | undefined): void {
    this.#claims[leaf] = claim;
    this.#heirs[leaf] = claim === undefined ? NOBODY : leaf;
    for (let at = leaf; at > ROOT; at = this.#tree.parentOf(at)) {
      const parent = this.#tree.parentOf(at);
      this.#contests[parent]?.set(at, this.#rank(at));
      this.#heirs[parent] = this.#heirAmongChildren(parent);
    }
  }

  /** The same for all leaves at once, by number. */
  setAll(claims: readonly (C | undefined)[]): void {
    for (let at = this.#heirs.length - 1; at >= ROOT; at -= 1) {
      this.#claims[at] = claims[at];
      this.#contests[at]?.setAll(this.#hasHeir);
      this.#heirs[at] = claims[at] === undefined ? this.#heirAmongChildren(at) : at;
      if (at > ROOT) this.#rank(at);
    }
  }

  /** Works out where the node stands. False: nobody below it claims anything. */
  #rank(number: number): boolean {
    const heir = this.#heirs[number] ?? NOBODY;
    const standing = this.#claims[heir];
    if (standing === undefined) return false;
    this.ranks.update(number, standing.request, heir === number);
    return true;
  }

  #heirAmongChildren(parent: number): number {
    const first = this.#contests[parent]?.winner;
    return first === undefined ? NOBODY : (this.#heirs[first] ?? NOBODY);
  }

  readonly #hasHeir = (number: number): boolean => this.#heirs[number] !== NOBODY;

  readonly #isBefore = (left: number, right: number): boolean => {
    const byShare = this.ranks.compare(left, right);
    if (byShare !== 0) return byShare < 0;
    const a = this.#claims[this.#heirs[left] ?? NOBODY];
    const b = this.#claims[this.#heirs[right] ?? NOBODY];
    if (a === undefined || b === undefined) return left < right;
    if (a.priority !== b.priority) return a.priority > b.priority;
    if (a.pendingSinceSeconds !== b.pendingSinceSeconds) return a.pendingSinceSeconds < b.pendingSinceSeconds;
    return a.uid === b.uid ? left < right : a.uid < b.uid;
  };
}
