import { EXCLUSIVE_ATTACH_PROVIDERS, type StoragePool, type StoragePoolStatus } from '../../api/storage-pool.ts';
import { poolClass } from './pool-class.ts';
import type { Preset } from './preset.ts';
import { isDriverOf, presetOf, presetOfDriver } from './presets.ts';

export type Fencing = StoragePoolStatus['fencing'];

type Pool = Pick<StoragePool, 'spec'>;

/** A pool, and what was found out about it; no status: nothing was found yet. */
type FoundPool = Pick<StoragePool, 'spec' | 'status'>;

/**
 * What a completed detach of the pool's volumes proves. `driver` is the provisioner of its StorageClass; empty when that is not known, and
 * then nothing is proven. For a provider it follows from the driver and can only be lowered; for custom and existing classes it is what
 * the administrator promises, unless the driver is known not to keep such a promise.
 */
export function fencingOf(pool: FoundPool, driver: string): Fencing {
  // The class may be somebody else's, or another one than the pool describes: only who looked at it knows.
  if (pool.status?.fencing === 'None') return 'None';
  return driver === '' || brokenPromise(pool, driver) !== undefined ? 'None' : wishedFencing(pool);
}

/** Why the pool proves less than its provider or its administrator says; undefined when it proves what they say. */
export function brokenPromise(pool: Pool, driver: string): string | undefined {
  if (driver === '' || wishedFencing(pool) === 'None') return undefined;
  const preset = presetOf(pool.spec);
  if (preset !== undefined && !isDriverOf(preset, driver)) {
    return `the StorageClass is of driver ${driver}, not of ${preset.driver}`;
  }
  const known = preset ?? presetOfDriver(driver);
  if (known === undefined) return undefined;
  if (!isExclusive(known))
    return `a completed detach by driver ${driver} does not prove that the old node stopped writing`;
  return known.sharing(poolClass(pool.spec)?.parameters ?? {});
}

function wishedFencing({ spec }: Pool): Fencing {
  const preset = presetOf(spec);
  return spec.fencing ?? (preset !== undefined && isExclusive(preset) ? 'AttachExclusive' : 'None');
}

/**
 * Where the storage itself attaches a volume to one node at a time and the detach is done there, without the node's help. EBS:
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachVolume.html (it stays `busy`, hence not detached, while the node has it
 * mounted). The others write through a client on the node, which a detach by itself does not stop; Ceph: https://github.com/rook/rook/issues/7954.
 */
function isExclusive({ provider }: Preset): boolean {
  return EXCLUSIVE_ATTACH_PROVIDERS.some((name) => name === provider);
}
