import type { NodeFacts } from '../facts/node-facts.ts';
import type { Resources } from '../resources/resources.ts';
import { type Amount, Columns } from './columns.ts';

export const ZONE_LABEL = 'topology.kubernetes.io/zone';
export const REGION_LABEL = 'topology.kubernetes.io/region';
export const HOSTNAME_LABEL = 'kubernetes.io/hostname';

/**
 * Nodes as rows of numbers. A row exists for a node that was seen, and for one that only something else names yet (a pod, a slot): so
 * the order in which the watches deliver does not matter. Rows are used again once nothing refers to them.
 */
export class NodeTable {
  readonly columns = new Columns();
  stride = 8;
  /** Rows × stride. What pods and slots are charged, whether or not the node was seen. */
  used = new Float64Array(64 * 8);
  allocatable = new Float64Array(64 * 8);
  generations = new Float64Array(64);
  readonly names: string[] = [];
  readonly facts: (NodeFacts | undefined)[] = [];
  readonly #references: number[] = [];
  readonly #rows = new Map<string, number>();
  readonly #unused: number[] = [];
  #rowsByName: Int32Array | undefined;
  #generation = 0;
  #nodes = 0;

  /** Rows in use or free; a free one has no facts. */
  get rowCount(): number {
    return this.names.length;
  }

  get nodeCount(): number {
    return this.#nodes;
  }

  /** Counts changes; rises with every change of any node. */
  get generation(): number {
    return this.#generation;
  }

  rowOf(name: string): number | undefined {
    return this.#rows.get(name);
  }

  /** All rows by name. */
  rowsByName(): Int32Array {
    if (this.#rowsByName === undefined) {
      const { names } = this;
      this.#rowsByName = Int32Array.from(names.keys());
      this.#rowsByName.sort((a, b) => ((names[a] ?? '') < (names[b] ?? '') ? -1 : 1));
    }
    return this.#rowsByName;
  }

  /** The row of this name, made when there is none. Every retain needs its release. */
  retain(name: string): number {
    const row = this.#rows.get(name) ?? this.#makeRow(name);
    this.#references[row] = (this.#references[row] ?? 0) + 1;
    return row;
  }

  /** One more reference to a row that is retained already. */
  retainRow(row: number): void {
    this.#references[row] = (this.#references[row] ?? 0) + 1;
  }

  release(row: number): void {
    const references = (this.#references[row] ?? 0) - 1;
    this.#references[row] = references;
    if (references > 0) return;
    this.#rows.delete(this.names[row] ?? '');
    this.names[row] = '';
    this.#rowsByName = undefined;
    this.#unused.push(row);
  }

  setFacts(row: number, facts: NodeFacts | undefined): void {
    if ((this.facts[row] === undefined) !== (facts === undefined)) this.#nodes += facts === undefined ? -1 : 1;
    this.facts[row] = facts;
    const amount = this.columns.amount(facts?.allocatable ?? {});
    this.ensureColumns();
    this.allocatable.fill(0, row * this.stride, (row + 1) * this.stride);
    for (const [i, column] of amount.columns.entries()) {
      this.allocatable[row * this.stride + column] = amount.values[i] ?? 0;
    }
    this.touch(row);
  }

  /** Adds `sign` times the amount to what the row is charged. */
  charge(row: number, amount: Amount, sign: 1 | -1): void {
    this.ensureColumns();
    for (const [i, column] of amount.columns.entries()) {
      const cell = row * this.stride + column;
      this.used[cell] = (this.used[cell] ?? 0) + sign * (amount.values[i] ?? 0);
    }
    this.touch(row);
  }

  touch(row: number): void {
    this.#generation += 1;
    this.generations[row] = this.#generation;
  }

  /** Allocatable − used in every named column of the node, plus what `returned` says is not to count; never below 0. */
  free(row: number, returned: Amount): Resources {
    const free: Record<string, number> = {};
    for (let column = 0; column < Math.min(this.columns.count, this.stride); column += 1) {
      const cell = row * this.stride + column;
      const total = this.allocatable[cell] ?? 0;
      if (total === 0) continue;
      const back = returned.values[returned.columns.indexOf(column)] ?? 0;
      free[this.columns.name(column)] = Math.max(0, total - (this.used[cell] ?? 0) + back);
    }
    return free;
  }

  /** Widens the rows when a new resource name came up since. */
  ensureColumns(): void {
    if (this.columns.count <= this.stride) return;
    const stride = Math.max(this.columns.count, this.stride * 2);
    this.used = restride(this.used, this.stride, stride);
    this.allocatable = restride(this.allocatable, this.stride, stride);
    this.stride = stride;
  }

  #makeRow(name: string): number {
    const row = this.#unused.pop() ?? this.names.length;
    this.names[row] = name;
    this.#rowsByName = undefined;
    this.facts[row] = undefined;
    this.#references[row] = 0;
    this.#rows.set(name, row);
    if ((row + 1) * this.stride > this.used.length) this.#grow();
    this.used.fill(0, row * this.stride, (row + 1) * this.stride);
    this.allocatable.fill(0, row * this.stride, (row + 1) * this.stride);
    this.touch(row);
    return row;
  }

  #grow(): void {
    this.used = lengthen(this.used);
    this.allocatable = lengthen(this.allocatable);
    this.generations = lengthen(this.generations);
  }
}

function lengthen(cells: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(cells.length * 2);
  longer.set(cells);
  return longer;
}

function restride(cells: Float64Array<ArrayBuffer>, from: number, to: number): Float64Array<ArrayBuffer> {
  const rows = cells.length / from;
  const wider = new Float64Array(rows * to);
  for (let row = 0; row < rows; row += 1) wider.set(cells.subarray(row * from, (row + 1) * from), row * to);
  return wider;
}
