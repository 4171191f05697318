import type { TenantTree } from './tenant-tree.ts';
import { TurnTree } from './turn-tree.ts';

/** What a leaf would have if nobody else wanted anything, by column of the tree; Infinity of a column is as much as there is. */
export interface Wish {
  /** Its resources in the proportion in which it uses them. */
  readonly mix: Float64Array;
  /** How many times the mix it wants. */
  readonly times: number;
}

/** Finer steps cost more than anybody can read off a share. */
const FINEST_STEP = 1e-4;
const COARSEST_STEP = 1e-3;
const STEPS_PER_LEAF = 50;
/** A step that does not fit is halved so many times before the leaf is full. */
const HALVINGS = 6;

/**
 * Weighted max-min over the tree by progressive filling: leaves are given small equal parts in the very order of turns, as if every
 * resource could be divided at will, until each has what it wants or cannot have more. The tree is charged with the outcome, which is
 * right to within one step of dominant share (0.1 % of the cluster, less when there are many leaves).
 */
export function fillShares(tree: TenantTree, wishes: ReadonlyMap<number, Wish>): void {
  const step = Math.max(FINEST_STEP, Math.min(COARSEST_STEP, 1 / (STEPS_PER_LEAF * Math.max(1, wishes.size))));
  const turns = new TurnTree(tree);
  const fillings = new Map<number, Filling>();
  for (const [leaf, wish] of wishes) {
    const filling = new Filling(tree, wish, step);
    fillings.set(leaf, filling);
    turns.set(leaf, filling.claim());
  }
  for (let leaf = turns.next(); leaf !== undefined; leaf = turns.next()) {
    const claim = turns.claimOf(leaf);
    const filling = fillings.get(leaf);
    if (claim === undefined || filling === undefined) break;
    if (fitsIn(tree, claim.request) && tree.allows(leaf, claim.request)) {
      tree.chargeVector(leaf, claim.request);
      filling.took();
    } else {
      filling.refused();
    }
    turns.set(leaf, filling.claim());
  }
}

class Filling {
  readonly #wish: Wish;
  readonly #request: Float64Array;
  /** Multiples of the mix: one whole step, the present one, and what is still wanted. */
  readonly #wholeStep: number;
  #part: number;
  #left: number;
  #halvings = 0;

  constructor(tree: TenantTree, wish: Wish, step: number) {
    let dominant = 0;
    for (let column = 0; column < tree.columns.fairCount; column += 1) {
      dominant = Math.max(dominant, (wish.mix[column] ?? 0) / (tree.totals[column] ?? 1));
    }
    this.#wish = wish;
    this.#wholeStep = dominant > 0 ? step / dominant : 0;
    this.#part = this.#wholeStep;
    this.#left = dominant > 0 ? wish.times : 0;
    this.#request = new Float64Array(tree.stride);
  }

  claim(): { request: Float64Array; priority: number; pendingSinceSeconds: number; uid: string } | undefined {
    const part = Math.min(this.#part, this.#left);
    if (part <= this.#wholeStep * 1e-9 || this.#halvings > HALVINGS) return undefined;
    for (const [column, amount] of this.#wish.mix.entries()) this.#request[column] = amount * part;
    return { request: this.#request, priority: 0, pendingSinceSeconds: 0, uid: '' };
  }

  took(): void {
    this.#left -= Math.min(this.#part, this.#left);
  }

  refused(): void {
    this.#halvings += 1;
    this.#part /= 2;
  }
}

function fitsIn(tree: TenantTree, request: Float64Array): boolean {
  for (let column = 0; column < tree.columns.fairCount; column += 1) {
    const asked = request[column] ?? 0;
    if (asked > 0 && asked > (tree.unlendable.free[column] ?? 0)) return false;
  }
  return true;
}
