/** The values an item is found under in an index. */
export type IndexKeys<T> = (value: T, key: string) => readonly string[] | string | undefined;

/** Which keys of a store have which value, kept one change at a time. */
export class StoreIndex<T> {
  readonly #valuesOf: IndexKeys<T>;
  readonly #keysByValue = new Map<string, Set<string>>();
  readonly #valuesByKey = new Map<string, readonly string[]>();

  constructor(valuesOf: IndexKeys<T>) {
    this.#valuesOf = valuesOf;
  }

  /** The keys under a value, in the order they came. */
  keys(value: string): readonly string[] {
    return [...(this.#keysByValue.get(value) ?? [])];
  }

  set(key: string, item: T): void {
    const found = this.#valuesOf(item, key) ?? [];
    const values = typeof found === 'string' ? [found] : found;
    this.delete(key);
    this.#valuesByKey.set(key, values);
    for (const value of values) {
      const keys = this.#keysByValue.get(value);
      if (keys === undefined) this.#keysByValue.set(value, new Set([key]));
      else keys.add(key);
    }
  }

  delete(key: string): void {
    for (const value of this.#valuesByKey.get(key) ?? []) {
      const keys = this.#keysByValue.get(value);
      keys?.delete(key);
      if (keys?.size === 0) this.#keysByValue.delete(value);
    }
    this.#valuesByKey.delete(key);
  }
}
