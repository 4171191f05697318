import type { StoragePool } from '../../api/storage-pool.ts';

/** Which storage classes lie on the same disks, as their pools say (`capacity.group`). */
export class SharedDisks {
  readonly #pools = new Map<string, { readonly group: string; readonly storageClassName: string }>();
  /** Undefined: to be worked out anew. */
  #known: Map<string, readonly string[]> | undefined;

  /** Returns whether classes lie together now that did not before, or the other way round. */
  setPool(pool: StoragePool, storageClassName: string): boolean {
    const { name } = pool.metadata;
    const group = pool.spec.capacity.group ?? '';
    if (group === '') return this.deletePool(name);
    const before = this.#pools.get(name);
    if (before?.group === group && before.storageClassName === storageClassName) return false;
    this.#pools.set(name, { group, storageClassName });
    this.#known = undefined;
    return true;
  }

  deletePool(name: string): boolean {
    if (!this.#pools.delete(name)) return false;
    this.#known = undefined;
    return true;
  }

  /** The class itself, and all that lie on the same disks. */
  of(storageClassName: string): readonly string[] {
    if (this.#pools.size === 0) return [storageClassName];
    this.#known ??= new Map();
    const known = this.#known.get(storageClassName);
    if (known !== undefined) return known;
    const pools = [...this.#pools.values()];
    const groups = new Set(
      pools.filter((pool) => pool.storageClassName === storageClassName).map(({ group }) => group),
    );
    const others = pools.filter(({ group }) => groups.has(group)).map((pool) => pool.storageClassName);
    const found = [...new Set([storageClassName, ...others])];
    this.#known.set(storageClassName, found);
    return found;
  }
}
