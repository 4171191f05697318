import type { TenantTree } from './tenant-tree.ts';

/**
 * Where each node of the tree stands once a request is added: whether it would borrow, then its weighted shares, the largest first.
 * Compared from left to right, lowest first. Within its guarantee a share is (charged + request) / guarantee; beyond, what exceeds the
 * guarantee / what is lendable / weight. A leaf is looked at for all resources, a node above it for the requested ones only: else a
 * tenant starves whose children want different resources (Bhattacharya et al., Hierarchical Scheduling for Diverse Datacenter
 * Workloads, SoCC'13). Guarantee before borrowing: kubernetes-sigs/kueue#9406.
 */
export class SiblingRanks {
  readonly #tree: TenantTree;
  readonly #width: number;
  readonly #borrows: Uint8Array;
  readonly #shares: Float64Array;

  constructor(tree: TenantTree) {
    this.#tree = tree;
    this.#width = tree.columns.fairCount;
    this.#borrows = new Uint8Array(tree.shape.parents.length);
    this.#shares = new Float64Array(tree.shape.parents.length * this.#width);
  }

  update(number: number, request: Float64Array, isLeaf: boolean): void {
    const { charged, stride } = this.#tree;
    const row = number * stride;
    this.#borrows[number] = this.#wouldBorrow(number, request) ? 1 : 0;
    for (let column = 0; column < this.#width; column += 1) {
      const asked = request[column] ?? 0;
      const counts = isLeaf || asked > 0;
      this.#insert(number, column, counts ? this.#shareOf(number, column, (charged[row + column] ?? 0) + asked) : 0);
    }
  }

  /** Negative: `left` comes first. 0: the tree cannot tell. */
  compare(left: number, right: number): number {
    const borrows = (this.#borrows[left] ?? 0) - (this.#borrows[right] ?? 0);
    if (borrows !== 0) return borrows;
    for (let place = 0; place < this.#width; place += 1) {
      const a = this.#shares[left * this.#width + place] ?? 0;
      const b = this.#shares[right * this.#width + place] ?? 0;
      if (a !== b) return a - b;
    }
    return 0;
  }

  /** Whether the node stands beyond its guarantee, and its largest share, for people. */
  standing(number: number): { readonly borrows: boolean; readonly share: number } {
    return { borrows: this.#borrows[number] === 1, share: this.#shares[number * this.#width] ?? 0 };
  }

  #wouldBorrow(number: number, request: Float64Array): boolean {
    const { charged, guarantee, stride } = this.#tree;
    for (let column = 0; column < this.#width; column += 1) {
      const asked = request[column] ?? 0;
      const cell = number * stride + column;
      if (asked > 0 && (charged[cell] ?? 0) + asked > (guarantee[cell] ?? 0)) return true;
    }
    return false;
  }

  /** Of a node that has this much of the column. */
  #shareOf(number: number, column: number, has: number): number {
    const { guarantee, lendable, weights, stride } = this.#tree;
    const promised = guarantee[number * stride + column] ?? 0;
    if (this.#borrows[number] === 0) return promised > 0 ? has / promised : 0;
    return Math.max(0, has - promised) / ((lendable[column] ?? 1) * (weights[number] ?? 1));
  }

  /** Keeps the shares of the row sorted, the largest first, while they come column by column. */
  #insert(number: number, count: number, share: number): void {
    const row = number * this.#width;
    let place = count;
    while (place > 0 && (this.#shares[row + place - 1] ?? 0) < share) {
      this.#shares[row + place] = this.#shares[row + place - 1] ?? 0;
      place -= 1;
    }
    this.#shares[row + place] = share;
  }
}
