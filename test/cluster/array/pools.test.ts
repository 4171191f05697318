import { describe, expect, test } from '@jest/globals';
import { Pools, type PoolShare, type PoolSpec } from './pools.ts';

const GIB = 2 ** 30;

const SPECS: readonly PoolSpec[] = [
  { name: 'shared', scope: 'Cluster', capacityBytes: 10 * GIB, maximumVolumeBytes: 4 * GIB },
  { name: 'zonal', scope: 'Zone', capacityBytes: 5 * GIB },
];

function poolsWith(shares: readonly PoolShare[], full: readonly string[] = []): Pools {
  return new Pools(SPECS, { shares: () => shares, saysFull: (pool, segment) => full.includes(`${pool} ${segment}`) });
}

function freeGiB(pools: Pools, name: string, segment?: string): number {
  const pool = pools.find(name);
  if (pool === undefined) throw new Error(`no pool ${name}`);
  return pools.freeBytes(pool, segment) / GIB;
}

describe('pools', () => {
  test('an empty pool has its whole capacity free, in each zone', () => {
    const pools = poolsWith([]);
    expect([freeGiB(pools, 'shared'), freeGiB(pools, 'zonal', 'z1'), freeGiB(pools, 'zonal', 'z2')]).toEqual([
      10, 5, 5,
    ]);
  });

  test('a volume takes space only from its own pool and zone', () => {
    const pools = poolsWith([{ pool: 'zonal', segment: 'z1', capacityBytes: 2 * GIB }]);
    expect([freeGiB(pools, 'shared'), freeGiB(pools, 'zonal', 'z1'), freeGiB(pools, 'zonal', 'z2')]).toEqual([
      10, 3, 5,
    ]);
  });

  test('a full pool has nothing free, and never less than nothing', () => {
    const overfull = poolsWith([{ pool: 'shared', segment: undefined, capacityBytes: 11 * GIB }]);
    expect(freeGiB(overfull, 'shared')).toBe(0);
    expect(freeGiB(poolsWith([], ['zonal z1']), 'zonal', 'z1')).toBe(0);
  });

  test('the largest volume is bounded by the pool and by what is free', () => {
    const pool = SPECS[0];
    if (pool === undefined) throw new Error('no pool');
    expect(poolsWith([]).largestVolumeBytes(pool, undefined) / GIB).toBe(4);
    const used = [{ pool: 'shared', segment: undefined, capacityBytes: 8 * GIB }];
    expect(poolsWith(used).largestVolumeBytes(pool, undefined) / GIB).toBe(2);
  });

  test('the first pool is meant when none is named', () => {
    expect(poolsWith([]).find(undefined)?.name).toBe('shared');
    expect(poolsWith([]).find('other')).toBeUndefined();
  });
});
