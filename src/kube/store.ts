import { isDeepStrictEqual } from 'node:util';
import { silentLog, type Log } from './log.ts';
import { StoreIndex, type IndexKeys } from './store-index.ts';

/** Called after each change: `next` is undefined for a deletion, `previous` for an addition. Handlers only take notes (enqueue). */
export type ChangeHandler<T> = (key: string, next: T | undefined, previous: T | undefined) => void;

/**
 * What one reflector knows, by key. A value equal to the one already there changes nothing and calls nobody, so a projection that
 * keeps only what matters also keeps out events that do not.
 */
export class Store<T> {
  /** Handlers that threw, which is caught and logged: a mistake in one must not stop the stream. */
  handlerErrors = 0;
  readonly #items = new Map<string, T>();
  readonly #handlers = new Set<ChangeHandler<T>>();
  readonly #indexes = new Map<string, StoreIndex<T>>();
  readonly #log: Log;

  constructor(log: Log = silentLog) {
    this.#log = log;
  }

  get size(): number {
    return this.#items.size;
  }

  get(key: string): T | undefined {
    return this.#items.get(key);
  }

  has(key: string): boolean {
    return this.#items.has(key);
  }

  list(): T[] {
    return [...this.#items.values()];
  }

  keys(): IterableIterator<string> {
    return this.#items.keys();
  }

  entries(): IterableIterator<[string, T]> {
    return this.#items.entries();
  }

  /** Adds a named index; what is already there is indexed at once. */
  index(name: string, keysOf: IndexKeys<T>): void {
    if (this.#indexes.has(name)) throw new Error(`index ${name} exists already`);
    const index = new StoreIndex(keysOf);
    for (const [key, value] of this.#items) index.set(key, value);
    this.#indexes.set(name, index);
  }

  /** The items that an index lists under `value`, in the order they came. */
  byIndex(name: string, value: string): readonly T[] {
    return this.keysByIndex(name, value).flatMap((key) => {
      const item = this.#items.get(key);
      return item === undefined ? [] : [item];
    });
  }

  /** As `byIndex`, but the keys. */
  keysByIndex(name: string, value: string): readonly string[] {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new Error(`there is no index ${name}`);
    return index.keys(value);
  }

  /** Calls `handler` after each change from now on; the answer removes it. */
  onChange(handler: ChangeHandler<T>): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  set(key: string, value: T): void {
    const previous = this.#items.get(key);
    if (previous !== undefined && isDeepStrictEqual(previous, value)) return;
    this.#items.set(key, value);
    this.#changed(key, value, previous);
  }

  delete(key: string): void {
    const previous = this.#items.get(key);
    if (!this.#items.delete(key)) return;
    this.#changed(key, undefined, previous);
  }

  /** Makes the store equal to `next`, telling only what differs. It is never empty in between. */
  replace(next: ReadonlyMap<string, T>): void {
    for (const key of this.#items.keys()) if (!next.has(key)) this.delete(key);
    for (const [key, value] of next) this.set(key, value);
  }

  #changed(key: string, next: T | undefined, previous: T | undefined): void {
    for (const index of this.#indexes.values()) {
      this.#guarded(key, () => (next === undefined ? index.delete(key) : index.set(key, next)));
    }
    for (const handler of this.#handlers) this.#guarded(key, () => handler(key, next, previous));
  }

  #guarded(key: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.handlerErrors += 1;
      this.#log.error(
        { err: error, key },
        'a handler of a store failed: this is a mistake in Proffer, and the change went unnoticed',
      );
    }
  }
}
