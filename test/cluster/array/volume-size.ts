import { CsiError } from './csi-error.ts';
import type { CapacityRange } from './csi-messages.ts';
import { type FileSystem, MINIMUM_BYTES, XFS_MINIMUM_BYTES } from './file-system.ts';
import { maximumVolumeBytes, type PoolSpec } from './pools.ts';

const MIB = 2 ** 20;
const DEFAULT_BYTES = 1024 * MIB;

/** Bytes of a new volume: the least that is asked, rounded up to MiB. Throws OUT_OF_RANGE when no size can satisfy the range. */
export function sizeOf(range: CapacityRange | null | undefined, pool: PoolSpec, fileSystem?: FileSystem): number {
  const least = Math.max(range?.required_bytes ?? 0, 0);
  const most = limitOf(range);
  if (most < least)
    throw new CsiError('OUT_OF_RANGE', `the limit of ${most} bytes is below the required ${least} bytes`);
  const minimum = fileSystem === 'xfs' ? XFS_MINIMUM_BYTES : MINIMUM_BYTES;
  const wanted = least === 0 ? Math.max(minimum, Math.min(DEFAULT_BYTES, most)) : Math.max(minimum, least);
  const size = Math.ceil(wanted / MIB) * MIB;
  if (size > most)
    throw new CsiError('OUT_OF_RANGE', `a volume here has at least ${size} bytes, and the limit is ${most} bytes`);
  checkMaximum(size, pool);
  return size;
}

/** Throws OUT_OF_RANGE for what the pool could never hold as one volume. */
export function checkMaximum(bytes: number, pool: PoolSpec): void {
  const maximum = maximumVolumeBytes(pool);
  if (bytes > maximum) {
    throw new CsiError(
      'OUT_OF_RANGE',
      `pool ${pool.name} makes volumes of at most ${maximum} bytes, not of ${bytes} bytes`,
    );
  }
}

export function fitsRange(bytes: number, range: CapacityRange | null | undefined): boolean {
  return bytes >= (range?.required_bytes ?? 0) && bytes <= limitOf(range);
}

function limitOf(range: CapacityRange | null | undefined): number {
  return range != null && range.limit_bytes > 0 ? range.limit_bytes : Number.MAX_SAFE_INTEGER;
}
