// Volumes that grow, come and go, while the operator may die after any write: nobody is restarted for growth, nothing shrinks, and the
// StatefulSet ends as its app says.
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { readField, readList, readString } from '../../src/core/app/read-field.ts';
import { parseBytes } from '../../src/core/resources/quantity.ts';
import { DATA } from '../support/app-builders.ts';
import { ACTORS, AppWorld } from '../support/app-world.ts';
import { runs } from '../support/law-runs.ts';

type Turn = (world: AppWorld) => void;

const WAL = { ...DATA, name: 'wal', mountPath: '/wal' };

const act: fc.Arbitrary<Turn> = fc.oneof(
  fc.constantFrom(...ACTORS).map(
    (actor): Turn =>
      (world) =>
        world.act(actor),
  ),
  fc.integer({ min: 0, max: 6 }).map(
    (writes): Turn =>
      (world) =>
        world.operateUpTo(writes),
  ),
);

/** A world whose three members run. */
function running(): AppWorld {
  const world = new AppWorld({ volumeClaims: [DATA], gang: { minMembers: 1 } }, 4, 10);
  world.settle();
  return world;
}

const uidsOf = (world: AppWorld) => [...world.pods.values()].map(({ name, uid }) => `${name} ${uid}`).toSorted();

function templatesOf(world: AppWorld): readonly (readonly [string, number])[] {
  return readList(world.children.get('StatefulSet'), 'spec', 'volumeClaimTemplates').map((item) => [
    readString(item, 'metadata', 'name'),
    parseBytes(String(readField(item, 'spec', 'resources', 'requests', 'storage'))),
  ]);
}

describe('volumes of a running app, with an operator that dies at any write', () => {
  test('grow without a restart, all of them, and new claims are as large', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(2, 3, 5), { minLength: 1, maxLength: 2 }),
        fc.array(act, { maxLength: 60 }),
        (sizes, turns) => {
          const world = running();
          const before = uidsOf(world);
          let size = 1;
          for (const turn of turns) {
            if (turns.indexOf(turn) % 20 === 0)
              size = Math.max(size, sizes[Math.floor(turns.indexOf(turn) / 20) % sizes.length] ?? 1);
            world.edit({ volumeClaims: [{ ...DATA, size: `${size}Gi` }] });
            turn(world);
          }
          expect(world.settle()).toBe(true);
          expect(uidsOf(world)).toEqual(before);
          expect([...world.claims.values()].map(({ bytes, actualBytes }) => [bytes, actualBytes])).toEqual(
            before.map(() => [size * 2 ** 30, size * 2 ** 30]),
          );
          expect(templatesOf(world)).toEqual([['data', size * 2 ** 30]]);
          expect(world.violations).toEqual([]);
          expect(world.performed.some(({ kind }) => kind === 'orphanPods')).toBe(size > 1);
          expect(world.app.status?.replacement).toBeUndefined();
          expect(world.isSilent()).toBe(true);
        },
      ),
      runs(12),
    );
  });

  test('grow beside one whose name begins like theirs, of which nothing is asked', () => {
    const log = { ...DATA, name: 'data-log', mountPath: '/log' };
    const world = new AppWorld({ replicas: 1, volumeClaims: [DATA, log] }, 1, 10);
    world.settle();
    world.edit({ volumeClaims: [{ ...DATA, size: '2Gi' }, log] });
    world.settle();
    expect(templatesOf(world)).toEqual([
      ['data', 2 ** 31],
      ['data-log', 2 ** 30],
    ]);
    expect(world.isSilent()).toBe(true);
  });

  test('are added and removed by restarts one at a time, and what is removed is kept and listed', () => {
    const lists = fc.array(fc.constantFrom([DATA], [DATA, WAL], [WAL, DATA]), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(lists, fc.array(act, { maxLength: 60 }), (wanted, turns) => {
        const world = running();
        world.edit({ retention: { reuse: 'Adopt' } });
        turns.forEach((turn, at) => {
          if (at % 20 === 0) world.edit({ volumeClaims: wanted[(at / 20) % wanted.length] ?? [DATA] });
          turn(world);
        });
        expect(world.settle()).toBe(true);
        const names = world.app.spec.volumeClaims.map(({ name }) => name);
        expect(
          templatesOf(world)
            .map(([name]) => name)
            .toSorted(),
        ).toEqual(names.toSorted());
        for (const pod of world.pods.values()) {
          expect(pod.ready).toBe(true);
          expect(pod.claims.toSorted()).toEqual(names.map((name) => `${name}-${pod.name}`).toSorted());
        }
        const kept = [...world.claims.values()].filter(({ name }) => name.startsWith('wal-') && !names.includes('wal'));
        expect(world.app.status?.retiredClaims.map(({ claim }) => claim)).toEqual(
          kept.map(({ name }) => name).toSorted(),
        );
        expect(world.violations).toEqual([]);
        expect(world.isSilent()).toBe(true);
      }),
      runs(12),
    );
  });
});
