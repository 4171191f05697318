import type { KnownStorage } from '../core/recovery/exclusive-volumes.ts';
import type { Stores } from './caches.ts';

/** What the caches know of pools, classes and drivers, for who asks what a detach proves. */
export function knownStorage(stores: Pick<Stores, 'pools' | 'storageClasses' | 'drivers'>): KnownStorage {
  return {
    pools: stores.pools.list(),
    provisionerOf: (storageClass) => stores.storageClasses.get(storageClass)?.provisioner,
    driverOf: (name) => stores.drivers.get(name),
  };
}
