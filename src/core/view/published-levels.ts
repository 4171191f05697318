/** What was last published for each topology segment of one storage class, to tell by how much it falls. */
export class PublishedLevels {
  /** By segment: bytes by object, since a leftover may lie beside its successor. */
  readonly #objects = new Map<string, Map<string, number>>();
  /** By segment. It outlives its objects: one that is made anew is compared with what was said before. */
  readonly #levels = new Map<string, number>();

  /** Returns by how many bytes the segment fell. `labels` undefined: the object speaks of no node. */
  set(key: string, labels: Readonly<Record<string, string>> | undefined, bytes: number): number {
    if (labels === undefined) return 0;
    const segment = segmentKey(labels);
    const objects = this.#objects.get(segment) ?? new Map<string, number>();
    this.#objects.set(segment, objects.set(key, bytes));
    return this.#fallOf(segment, objects);
  }

  /** Returns by how many bytes the segment fell, when it was the object that said most. */
  delete(key: string, labels: Readonly<Record<string, string>> | undefined): number {
    if (labels === undefined) return 0;
    const segment = segmentKey(labels);
    const objects = this.#objects.get(segment);
    objects?.delete(key);
    if (objects === undefined) return 0;
    if (objects.size > 0) return this.#fallOf(segment, objects);
    this.#objects.delete(segment);
    return 0;
  }

  /** Segments of which nobody speaks any more are forgotten. */
  forgetGone(): void {
    for (const segment of this.#levels.keys()) if (!this.#objects.has(segment)) this.#levels.delete(segment);
  }

  #fallOf(segment: string, objects: ReadonlyMap<string, number>): number {
    // The larger counts, as in publishedSegments().
    const level = Math.max(...objects.values());
    const before = this.#levels.get(segment) ?? level;
    this.#levels.set(segment, level);
    return Math.max(0, before - level);
  }
}

function segmentKey(labels: Readonly<Record<string, string>>): string {
  return Object.keys(labels)
    .toSorted()
    .map((name) => `${name}=${labels[name] ?? ''}`)
    .join('\n');
}
