import { describe, expect, test } from '@jest/globals';
import { parseStoragePool } from '../api/parse.ts';
import type { NodeFacts } from '../core/facts/node-facts.ts';
import type { CapacityFacts, VolumeFacts } from '../core/facts/storage-facts.ts';
import type { HeldSlot } from '../core/facts/held-slot.ts';
import { poolFigures, promisesOf } from './pool-status.ts';

const GI = 1024 ** 3;
const ZONE = 'topology.kubernetes.io/zone';

function pool(capacity: Record<string, unknown> = {}) {
  return parseStoragePool({
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'StoragePool',
    metadata: { name: 'fast' },
    spec: { storageClassName: 'fast', capacity },
  });
}

function segment(nodeLabels: Record<string, string> | undefined, freeGi: number): CapacityFacts {
  return {
    uid: 'u',
    namespace: 'kube-system',
    name: 'c',
    storageClassName: 'fast',
    nodeLabels,
    capacityBytes: freeGi * GI,
    maximumVolumeBytes: undefined,
  };
}

function volume(term: Record<string, readonly string[]>, gi: number): VolumeFacts {
  return {
    uid: 'u',
    name: 'pv',
    storageClassName: 'fast',
    driver: 'd',
    volumeHandle: 'h',
    bytes: gi * GI,
    claim: undefined,
    reclaimPolicy: 'Retain',
    nodeTerms: [term],
    phase: 'Bound',
  };
}

const node = (labels: Record<string, string>) => ({ labels }) as unknown as NodeFacts;

describe('the figures of a pool', () => {
  test('capacity is what is free and what volumes have, by segment', () => {
    const figures = poolFigures(pool(), {
      capacities: [segment({ 'x/node': 'n1' }, 6), segment({ 'x/node': 'n2' }, 10), segment(undefined, 99)],
      volumes: [volume({ 'x/node': ['n1'] }, 4)],
      promises: [{ node: node({ 'x/node': 'n2' }), bytes: 2 * GI }],
    });
    expect(figures).toEqual({
      capacity: '20Gi',
      provisioned: '4Gi',
      reserved: '2Gi',
      free: '14Gi',
      volumes: 1,
      segments: [
        { segment: 'n1', capacity: '10Gi', provisioned: '4Gi', reserved: '0', free: '6Gi', volumes: 1 },
        { segment: 'n2', capacity: '10Gi', provisioned: '0', reserved: '2Gi', free: '8Gi', volumes: 0 },
      ],
    });
  });

  test('what others on the same disks were promised is not free, but of a budget', () => {
    const promisesBeside = [{ node: node({ 'x/node': 'n1', [ZONE]: 'a' }), bytes: 4 * GI }];
    const world = { capacities: [segment({ 'x/node': 'n1' }, 10)], volumes: [], promises: [], promisesBeside };
    expect(poolFigures(pool(), world)).toMatchObject({ capacity: '10Gi', reserved: '0', free: '6Gi' });
    const declared = pool({ source: 'Declared', perZone: [{ zone: 'a', size: '10Gi' }] });
    expect(poolFigures(declared, world)).toMatchObject({ reserved: '0', free: '10Gi' });
  });

  test('of two objects for one segment the larger counts', () => {
    const capacities = [segment({ 'x/node': 'n1' }, 6), segment({ 'x/node': 'n1' }, 5)];
    expect(poolFigures(pool(), { capacities, volumes: [], promises: [] }).capacity).toBe('6Gi');
  });

  test("a declared budget counts, and a driver's own zone label is understood", () => {
    const declared = pool({ source: 'Declared', perZone: [{ zone: 'a', size: '10Gi' }] });
    const volumes = [volume({ 'topology.ebs.csi.aws.com/zone': ['a'] }, 3), volume({ [ZONE]: ['b'] }, 1)];
    const figures = poolFigures(declared, { capacities: [], volumes, promises: [] });
    expect(figures.segments).toEqual([
      { segment: 'a', capacity: '10Gi', provisioned: '3Gi', reserved: '0', free: '7Gi', volumes: 1 },
    ]);
    expect(figures.provisioned).toBe('4Gi');
  });

  test('a budget that was lowered below what is there leaves nothing, and not less', () => {
    const declared = pool({ source: 'Declared', perZone: [{ zone: 'a', size: '2Gi' }] });
    const figures = poolFigures(declared, { capacities: [], volumes: [volume({ [ZONE]: ['a'] }, 3)], promises: [] });
    expect(figures).toMatchObject({ capacity: '2Gi', provisioned: '3Gi', free: '0' });
  });

  test('a driver that publishes nothing has no capacity to show', () => {
    expect(poolFigures(pool(), { capacities: [], volumes: [], promises: [] })).toMatchObject({
      capacity: '',
      free: '',
      segments: [],
    });
  });
});

test('promised is what slots want of the class, or of the pool, and has no volume yet', () => {
  const wants = (claim: string, storageClassName: string, pool: string) => ({
    claim,
    storageClassName,
    pool,
    bytes: GI,
  });
  const volumes = [wants('a', 'fast', ''), wants('b', '', 'p'), wants('c', 'fast', 'p'), wants('d', 'slow', 'p')];
  const slots = [{ namespace: 'ns', slot: { node: 'n1', volumes } }] as unknown as readonly HeldSlot[];
  const promises = promisesOf(
    { pool: 'p', className: 'fast' },
    slots,
    () => node({}),
    (_namespace, claim) => claim === 'c',
  );
  expect(promises.map(({ bytes }) => bytes)).toEqual([GI, GI]);
});
