import { ROOT, type TreeShape } from './tree-shape.ts';

/** What of a request is refused: the column, what is free, what of it others need, and how much of the request nothing of its own covers. */
export interface Withheld {
  readonly column: number;
  readonly free: number;
  readonly needed: number;
  readonly asked: number;
}

/**
 * Keeps free what tenants are guaranteed and do not lend. A node of the tree needs what it lacks of its own unlendable share, or what
 * its children need together, whichever is more: what one child has does not stand for what another was promised.
 */
export class UnlendableShares {
  readonly #shape: TreeShape;
  readonly #stride: number;
  readonly #charged: Float64Array;
  readonly #unlendable: Float64Array;
  readonly #needed: Float64Array;
  readonly #neededBelow: Float64Array;
  /** Nobody keeps anything: what is free does not matter. */
  readonly isEmpty: boolean;
  /** By column: nobody's, in the whole cluster. */
  readonly free: Float64Array;

  /** Rows × stride by number of the tenant; `charged` is read as it changes. */
  constructor(
    shape: TreeShape,
    rows: { readonly charged: Float64Array; readonly unlendable: Float64Array; readonly free: Float64Array },
  ) {
    this.#shape = shape;
    this.#charged = rows.charged;
    this.#unlendable = rows.unlendable;
    this.free = rows.free;
    this.#stride = rows.free.length;
    this.#needed = new Float64Array(rows.charged.length);
    this.#neededBelow = new Float64Array(rows.charged.length);
    this.isEmpty = rows.unlendable.every((amount) => amount === 0);
    if (this.isEmpty) return;
    for (let number = shape.parents.length - 1; number >= ROOT; number -= 1) {
      for (let column = 0; column < this.#stride; column += 1) this.#refresh(number, column);
    }
  }

  /** To be called after `charged` rose for the line from this number up: what is free is less, and what the line needs. */
  charge(number: number, request: Float64Array): void {
    for (let column = 0; column < this.#stride; column += 1) {
      const asked = request[column] ?? 0;
      if (asked === 0) continue;
      this.free[column] = (this.free[column] ?? 0) - asked;
      if (this.isEmpty) continue;
      for (let at = number; at >= ROOT; at = this.#shape.parents[at] ?? -1) this.#refresh(at, column);
    }
  }

  /** The first column of which too little would be left for the others. Undefined: the request takes nothing from them. */
  withheld(number: number, request: Float64Array): Withheld | undefined {
    if (this.isEmpty) return undefined;
    for (let column = 0; column < this.#stride; column += 1) {
      const asked = request[column] ?? 0;
      if (asked === 0) continue;
      const change = this.#changeOfNeed(number, column, asked);
      if (asked + change <= 0) continue;
      const free = this.free[column] ?? 0;
      const needed = (this.#needed[ROOT * this.#stride + column] ?? 0) + change;
      if (needed > 0 && free - asked < needed) return { column, free, needed, asked };
    }
    return undefined;
  }

  /** What the tenant and those below it still need of the column. */
  needed(number: number, column: number): number {
    return this.#needed[number * this.#stride + column] ?? 0;
  }

  /** By how much the need of the whole cluster would change (it cannot rise) if the line from this number up had more. */
  #changeOfNeed(number: number, column: number, asked: number): number {
    let change = 0;
    for (let at = number; at >= ROOT; at = this.#shape.parents[at] ?? -1) {
      const cell = at * this.#stride + column;
      const own = (this.#unlendable[cell] ?? 0) - (this.#charged[cell] ?? 0) - (at === ROOT ? 0 : asked);
      change = Math.max(0, own, (this.#neededBelow[cell] ?? 0) + change) - (this.#needed[cell] ?? 0);
    }
    return change;
  }

  #refresh(number: number, column: number): void {
    const cell = number * this.#stride + column;
    const before = this.#needed[cell] ?? 0;
    const own = (this.#unlendable[cell] ?? 0) - (this.#charged[cell] ?? 0);
    const now = Math.max(0, own, this.#neededBelow[cell] ?? 0);
    this.#needed[cell] = now;
    if (number === ROOT) return;
    const above = (this.#shape.parents[number] ?? 0) * this.#stride + column;
    this.#neededBelow[above] = (this.#neededBelow[above] ?? 0) + now - before;
  }
}
