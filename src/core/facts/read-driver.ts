import { objectOf } from './json.ts';
import { readMeta } from './read-meta.ts';
import type { DriverFacts } from './storage-facts.ts';

/** A CSIDriver as JSON. */
export function readDriver(raw: unknown): DriverFacts {
  const driver = objectOf(raw);
  return {
    name: readMeta(driver).name,
    publishesCapacity: objectOf(driver['spec'])['storageCapacity'] === true,
  };
}
