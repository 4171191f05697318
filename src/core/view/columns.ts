import { RESOURCE_ATTACH_PREFIX, RESOURCE_STORAGE_PREFIX } from '../../api/labels.ts';
import type { Resources } from '../resources/resources.ts';

/** Amounts by column, sparse. Equal amounts are one object (see Columns.amount), so a pod costs one pointer. */
export interface Amount {
  readonly columns: readonly number[];
  readonly values: readonly number[];
}

/** Beyond so many different amounts sharing starts anew, so that ever new requests cannot fill the memory. */
const MAX_SHARED = 65_536;

/** Gives every resource name a column, so that a node is a row of numbers. Columns are never taken back. */
export class Columns {
  readonly names: string[] = [];
  readonly #byName = new Map<string, number>();
  readonly #amounts = new Map<string, Amount>();
  readonly #known = new WeakMap<Resources, Amount>();

  constructor() {
    for (const name of ['cpu', 'memory', 'ephemeral-storage', 'pods']) this.of(name);
  }

  get count(): number {
    return this.names.length;
  }

  of(name: string): number {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const column = this.names.length;
    this.names.push(name);
    this.#byName.set(name, column);
    return column;
  }

  name(column: number): string {
    return this.names[column] ?? '';
  }

  /** Zero amounts and those that are no node's (pool bytes, attach slots) are left out. */
  amount(resources: Resources): Amount {
    const known = this.#known.get(resources);
    if (known !== undefined) return known;
    const amount = this.#shared(resources);
    this.#known.set(resources, amount);
    return amount;
  }

  resources(amount: Amount): Resources {
    return Object.fromEntries(amount.columns.map((column, i) => [this.name(column), amount.values[i] ?? 0]));
  }

  #shared(resources: Resources): Amount {
    let key = '';
    for (const name of Object.keys(resources)) {
      if (isNodeResource(name) && resources[name] !== 0) key += `${name}=${resources[name]};`;
    }
    let amount = this.#amounts.get(key);
    if (amount === undefined) {
      if (this.#amounts.size >= MAX_SHARED) this.#amounts.clear();
      const names = Object.keys(resources).filter((name) => isNodeResource(name) && resources[name] !== 0);
      amount = { columns: names.map((name) => this.of(name)), values: names.map((name) => resources[name] ?? 0) };
      this.#amounts.set(key, amount);
    }
    return amount;
  }
}

function isNodeResource(name: string): boolean {
  return !name.startsWith(RESOURCE_STORAGE_PREFIX) && !name.startsWith(RESOURCE_ATTACH_PREFIX);
}

/** Combines amounts column by column, absent ones being 0. */
export function combineAmounts(left: Amount, right: Amount, pick: (a: number, b: number) => number): Amount {
  const columns = [...left.columns];
  const values = [...left.values];
  for (const [i, value] of values.entries()) {
    values[i] = pick(value, right.values[right.columns.indexOf(columns[i] ?? -1)] ?? 0);
  }
  for (const [i, column] of right.columns.entries()) {
    if (left.columns.includes(column)) continue;
    columns.push(column);
    values.push(pick(0, right.values[i] ?? 0));
  }
  return { columns, values };
}

export const NO_AMOUNT: Amount = { columns: [], values: [] };
