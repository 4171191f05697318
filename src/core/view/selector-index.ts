import { type LabelSelector, type Labels, selects } from '../facts/label-selector.ts';

export interface Labelled {
  readonly labels: Labels;
}

/** Beyond so many label names no further index is made: a hostile template cannot fill the memory. */
const MAX_KEYS = 32;

/**
 * Finds things by label selector. The first selector that names values of a label makes an index over that label, which is kept up from
 * then on: selectors of a cluster name few labels, and what nobody asks for costs nothing.
 */
export class SelectorIndex<T extends Labelled> {
  readonly #all = new Set<T>();
  readonly #byKey = new Map<string, Map<string, Set<T>>>();

  get size(): number {
    return this.#all.size;
  }

  add(item: T): void {
    this.#all.add(item);
    for (const [key, byValue] of this.#byKey) put(byValue, item.labels[key], item);
  }

  delete(item: T): void {
    this.#all.delete(item);
    for (const [key, byValue] of this.#byKey) {
      const value = item.labels[key];
      const items = value === undefined ? undefined : byValue.get(value);
      items?.delete(item);
      if (value !== undefined && items?.size === 0) byValue.delete(value);
    }
  }

  *matching(selector: LabelSelector | undefined): Iterable<T> {
    if (selector === undefined) return;
    for (const item of this.#candidates(selector)) if (selects(selector, item.labels)) yield item;
  }

  /** Everything that may be selected, each once. */
  *#candidates(selector: LabelSelector): Iterable<T> {
    const naming = selector.filter(({ operator }) => operator === 'In');
    const [first] = naming.toSorted((a, b) => Number(this.#byKey.has(b.key)) - Number(this.#byKey.has(a.key)));
    const byValue = first === undefined ? undefined : this.#over(first.key);
    if (first === undefined || byValue === undefined) yield* this.#all;
    else for (const value of new Set(first.values)) yield* byValue.get(value) ?? [];
  }

  #over(key: string): Map<string, Set<T>> | undefined {
    const known = this.#byKey.get(key);
    if (known !== undefined || this.#byKey.size >= MAX_KEYS) return known;
    const made = new Map<string, Set<T>>();
    for (const item of this.#all) put(made, item.labels[key], item);
    this.#byKey.set(key, made);
    return made;
  }
}

function put<T>(byValue: Map<string, Set<T>>, value: string | undefined, item: T): void {
  if (value === undefined) return;
  const items = byValue.get(value);
  if (items === undefined) byValue.set(value, new Set([item]));
  else items.add(item);
}
