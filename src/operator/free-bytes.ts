import type { PersistentApp } from '../api/persistent-app.ts';
import type { ClaimFacts } from '../core/facts/storage-facts.ts';
import { parseBytes } from '../core/resources/quantity.ts';
import type { Stores } from './caches.ts';

/**
 * The most that any segment of a StorageClass has free, by name of the class: of the classes whose driver publishes it, for an app whose
 * claims may have to grow; undefined for any other, which is nearly always.
 */
export function freeBytes(
  { spec }: PersistentApp,
  claims: readonly ClaimFacts[],
  { capacities }: Pick<Stores, 'capacities'>,
): ReadonlyMap<string, number> | undefined {
  const sizes = spec.volumeClaims.map(({ size }) => parseBytes(size));
  const mayGrow = spec.volumeClaims.some(({ autoGrow }) => autoGrow.enabled);
  if (!mayGrow && claims.every(({ bytes }) => sizes.every((size) => size <= bytes))) return undefined;
  const classes = new Set(claims.map(({ storageClassName }) => storageClassName));
  const most = new Map<string, number>();
  for (const { storageClassName, capacityBytes } of capacities.list()) {
    if (classes.has(storageClassName))
      most.set(storageClassName, Math.max(most.get(storageClassName) ?? 0, capacityBytes));
  }
  return most;
}
