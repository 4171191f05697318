import { describe, expect, test } from '@jest/globals';
import { sizeOf } from './volume-size.ts';

const MIB = 2 ** 20;
const POOL = { name: 'shared', scope: 'Cluster', capacityBytes: 4096 * MIB } as const;

describe('the size of a new volume', () => {
  test.each([
    ['what is asked', { required_bytes: 512 * MIB, limit_bytes: 0 }, undefined, 512],
    ['rounded up to whole MiB', { required_bytes: 512 * MIB + 1, limit_bytes: 0 }, undefined, 513],
    ['1 GiB when nothing is asked', undefined, undefined, 1024],
    ['at most the limit when only that is given', { required_bytes: 0, limit_bytes: 100 * MIB }, undefined, 100],
    ['at least what XFS needs, when XFS is asked for', { required_bytes: MIB, limit_bytes: 0 }, 'xfs', 300],
  ] as const)('is %s', (_, range, fileSystem, mebibytes) => {
    expect(sizeOf(range, POOL, fileSystem) / MIB).toBe(mebibytes);
  });

  test.each([
    ['the limit is below what is required', { required_bytes: 2 * MIB, limit_bytes: MIB }, undefined],
    ['the limit is below what the file system needs', { required_bytes: MIB, limit_bytes: 2 * MIB }, 'xfs'],
  ] as const)('is refused when %s', (_, range, fileSystem) => {
    expect(() => sizeOf(range, POOL, fileSystem)).toThrow(/limit/);
  });
});
