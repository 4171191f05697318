import { describe, expect, test } from '@jest/globals';
import { DATA, app, claim, facts, pool } from '../../../test/support/app-builders.ts';
import type { AppFacts } from './facts.ts';
import { wantedVolumes } from './wanted-volume.ts';

const given = (parts: Partial<AppFacts>) =>
  facts({
    app: app({ spec: { volumeClaims: [{ ...DATA, storageClassName: undefined, pool: 'fast' }] } }),
    pools: new Map(),
    ...parts,
  });
const problemOf = (world: AppFacts) => wantedVolumes(world)[0]?.problem;

describe('a volume of a pool', () => {
  test('comes from the class of the pool', () => {
    const pools = new Map([['fast', pool('fast', { storageClassName: 'fast' })]]);
    expect(wantedVolumes(given({ pools }))).toMatchObject([{ storageClassName: 'fast', problem: undefined }]);
  });

  test('that does not exist has a problem', () => {
    expect(problemOf(given({ claims: [] }))).toEqual({
      reason: 'PoolNotFound',
      message:
        'volume data asks for StoragePool "fast", which does not exist: create it, or name another one of (there is none)',
    });
  });

  test.each([
    [1, '1 claim'],
    [2, '2 claims'],
  ])('that was deleted while %i members use it says what stays', (count, words) => {
    const claims = ['data-db-0', 'data-db-1'].slice(0, count).map((name) => claim({ name }));
    expect(problemOf(given({ claims: [...claims, claim({ name: 'log-db-0' })] }))?.message).toBe(
      `volume data asks for StoragePool "fast", which does not exist (${words} of it and the StorageClass stay as they are): create it, or name another one of (there is none)`,
    );
  });
});
