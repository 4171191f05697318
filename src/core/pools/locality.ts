import type { StoragePool } from '../../api/storage-pool.ts';
import { poolClass } from './pool-class.ts';
import type { Locality } from './preset.ts';
import { presetOf } from './presets.ts';

/** From where the pool's volumes can be reached: as it says, else as its provider is known, else within their zone. */
export function localityOf({ spec }: Pick<StoragePool, 'spec'>): Locality {
  return spec.locality ?? presetOf(spec)?.locality(poolClass(spec)?.parameters ?? {}) ?? 'Zone';
}
