import { objectOf } from './json.ts';
import { readMeta } from './read-meta.ts';
import type { DriverFacts } from './storage-facts.ts';

/** A CSIDriver as JSON. */
export function readDriver(raw: unknown): DriverFacts {
  const driver = objectOf(raw);
  const spec = objectOf(driver['spec']);
  return {
    name: readMeta(driver).name,
    publishesCapacity: spec['storageCapacity'] === true,
    ...(spec['attachRequired'] === false ? { attachRequired: false } : {}),
  };
}
