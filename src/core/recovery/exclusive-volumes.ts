import type { StoragePool } from '../../api/storage-pool.ts';
import { type Fencing, fencingOf } from '../pools/fencing.ts';

/**
 * StorageClasses whose volumes are attached exclusively. One that two pools share is so only when both prove it. `driverOf` gives the
 * provisioner of a class; of one that is not known nothing is proven.
 */
export function exclusiveClasses(
  pools: Iterable<StoragePool>,
  driverOf: (storageClass: string) => string | undefined,
): ReadonlySet<string> {
  const proven = new Map<string, Fencing>();
  for (const pool of pools) {
    const name = pool.spec.storageClassName ?? pool.metadata.name;
    proven.set(name, proven.get(name) === 'None' ? 'None' : fencingOf(pool, driverOf(name) ?? ''));
  }
  return new Set([...proven].flatMap(([name, fencing]) => (fencing === 'AttachExclusive' ? [name] : [])));
}
