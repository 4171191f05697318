import type { StoragePool } from '../../api/storage-pool.ts';
import type { DriverFacts, VolumeFacts } from '../facts/storage-facts.ts';
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

/** What is known of the cluster's storage. */
export interface KnownStorage {
  readonly pools: Iterable<StoragePool>;
  /** Of a StorageClass; undefined: there is no such class. */
  readonly provisionerOf: (storageClass: string) => string | undefined;
  /** Undefined: there is no CSIDriver of that name, and Kubernetes then attaches. */
  readonly driverOf: (name: string) => Pick<DriverFacts, 'attachRequired'> | undefined;
}

type Volume = Pick<VolumeFacts, 'storageClassName' | 'driver' | 'isShared'>;

/**
 * Says of a PersistentVolume whether its completed detach cuts the old writer off. Its class must promise that, and the volume be what the
 * promise is about: one of the driver that makes that class's volumes (a name of a class can stand on any volume that is written by hand),
 * that one node at a time may have, and that is attached at all: where Kubernetes attaches nothing (CSIDriver `attachRequired: false`) there
 * is no detach that could end, and its absence would look like one that has.
 */
export function exclusiveVolumeTest(storage: KnownStorage): (volume: Volume | undefined) => boolean {
  const { pools, provisionerOf, driverOf } = storage;
  const classes = exclusiveClasses(pools, provisionerOf);
  return (volume) =>
    volume !== undefined &&
    classes.has(volume.storageClassName) &&
    provisionerOf(volume.storageClassName) === volume.driver &&
    volume.isShared !== true &&
    driverOf(volume.driver)?.attachRequired !== false;
}
