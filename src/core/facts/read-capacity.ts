import { parseBytes } from '../resources/quantity.ts';
import { objectOf, textMapOf, textOf } from './json.ts';
import { readMeta } from './read-meta.ts';
import type { CapacityFacts } from './storage-facts.ts';

/** A CSIStorageCapacity as JSON. Without `capacity` the driver says that there is none. */
export function readCapacity(raw: unknown): CapacityFacts {
  const object = objectOf(raw);
  const { uid, namespace, name } = readMeta(object);
  const topology = object['nodeTopology'];
  const maximum = object['maximumVolumeSize'];
  return {
    uid,
    namespace,
    name,
    storageClassName: textOf(object['storageClassName']),
    nodeLabels: topology === undefined || topology === null ? undefined : textMapOf(objectOf(topology)['matchLabels']),
    capacityBytes: parseBytes(textOf(object['capacity'], '0')),
    maximumVolumeBytes: typeof maximum === 'string' ? parseBytes(maximum) : undefined,
  };
}
