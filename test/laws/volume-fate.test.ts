// Volumes that are filled, kept, copied and deleted as their app says, while the operator may die after any write: nothing goes that nobody
// said should, nothing is made empty that should be filled, and the end is the same.
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseAppBackup } from '../../src/api/parse.ts';
import { DATA } from '../support/app-builders.ts';
import { ACTORS, AppWorld } from '../support/app-world.ts';
import { backup } from '../support/backup-world.ts';
import { filledFrom } from '../support/world/volume-writes.ts';
import { runs } from '../support/law-runs.ts';

type Turn = (world: AppWorld) => void;

const RUNS = runs(10);

const turn: fc.Arbitrary<Turn> = fc.oneof(
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
const turns = fc.array(turn, { maxLength: 60 });

/** A world whose three members run. */
function running(retention: object): AppWorld {
  const world = new AppWorld({ volumeClaims: [DATA], gang: { minMembers: 1 }, retention }, 4, 10);
  world.settle();
  return world;
}

const claimsOf = (world: AppWorld) => [...world.claims.values()].map(({ name, uid }) => `${name} ${uid}`).toSorted();

describe('an app that is made from a backup', () => {
  const volumes = [0, 1, 2].map((at) => ({
    claim: `data-old-${at}`,
    member: `old-${at}`,
    snapshot: `copy-${at}`,
    size: '1Gi',
    readyToUse: true,
  }));
  const time = '2026-01-02T03:04:05Z';
  const monday = backup({
    spec: { app: 'old' },
    status: { startedAt: time, finishedAt: time, readyToUse: true, volumes },
  });
  const snapshot = (name: string) => ({
    uid: name,
    namespace: 'prod',
    name,
    ownerUid: monday.metadata.uid,
    backup: 'monday',
    claim: '',
    className: 'snap',
    readyToUse: true,
    bytes: 2 ** 30,
    error: '',
    deleting: false,
  });
  const FROM = { ...DATA, dataSourceRef: { kind: 'AppBackup', name: 'monday' } };
  const sources = (ready: boolean) => ({
    kinds: 'served' as const,
    backups: new Map([['monday', monday]]),
    snapshots: new Map(
      [0, 1, 2].map((at) => [`copy-${at}`, { ...snapshot(`copy-${at}`), readyToUse: ready || at !== 1 }]),
    ),
    claims: new Map(),
  });

  test('has in each member the copy of that member, and never an empty volume', () => {
    fc.assert(
      fc.property(turns, turns, (before, after) => {
        const world = new AppWorld({ volumeClaims: [FROM], gang: { minMembers: 1 } }, 4, 10);
        world.sources = sources(false);
        for (const one of before) one(world);
        // One copy is not ready: nothing may start, or it would start with less than all.
        expect([...world.claims.values()]).toEqual([]);
        world.sources = sources(true);
        for (const one of after) one(world);
        expect(world.settle()).toBe(true);
        expect([0, 1, 2].map((at) => filledFrom(world, `data-db-${at}`))).toEqual(['copy-0', 'copy-1', 'copy-2']);
        expect(world.app.status?.readyReplicas).toBe(3);
        expect(world.isSilent()).toBe(true);
      }),
      RUNS,
    );
  });

  test('gets no fourth member from a backup of three, until somebody says that it may be empty', () => {
    const world = new AppWorld({ volumeClaims: [FROM] }, 4, 10);
    world.sources = sources(true);
    world.settle();
    world.edit({ replicas: 4 });
    world.settle();
    expect([world.claims.size, world.app.status?.readyReplicas]).toEqual([3, 3]);
    const stalled = world.app.status?.conditions.find(({ type }) => type === 'Stalled');
    expect(stalled).toMatchObject({ status: 'True', reason: 'BackupUnfit' });
    expect(stalled?.message).toContain('3 members');
    world.edit({ volumeClaims: [DATA] });
    world.settle();
    expect([world.app.status?.readyReplicas, filledFrom(world, 'data-db-3')]).toEqual([4, undefined]);
  });

  test('does not fill anew what a launched member lost', () => {
    const world = new AppWorld({ volumeClaims: [FROM] }, 4, 10);
    world.sources = sources(true);
    world.settle();
    world.claims.delete('data-db-1');
    world.pods.delete('db-1');
    world.settle();
    expect([world.app.status?.readyReplicas, filledFrom(world, 'data-db-1')]).toEqual([3, undefined]);
  });
});

describe('volumes of members that are scaled in', () => {
  test.each(['Retain', 'Delete', 'SnapshotThenDelete'])('with %s end as it says', (whenScaled) => {
    fc.assert(
      fc.property(turns, (acts) => {
        const world = running({ whenScaled });
        const [first] = claimsOf(world);
        world.edit({ replicas: 1 });
        for (const one of acts) one(world);
        expect(world.settle()).toBe(true);
        expect(world.violations).toEqual([]);
        expect(claimsOf(world)).toHaveLength(whenScaled === 'Retain' ? 3 : 1);
        expect(claimsOf(world)[0]).toBe(first);
        const copied = [...world.backups.values()].flatMap(
          ({ status }) => status?.volumes.map(({ claim }) => claim) ?? [],
        );
        expect(copied.toSorted()).toEqual(whenScaled === 'SnapshotThenDelete' ? ['data-db-1', 'data-db-2'] : []);
        expect(world.isSilent()).toBe(true);
      }),
      RUNS,
    );
  });

  test('stay when they were left while the app said Retain, and status says so', () => {
    const world = running({});
    world.edit({ replicas: 1 });
    world.settle();
    world.edit({ retention: { whenScaled: 'Delete', whenDeleted: 'Retain', reuse: 'Refuse' } });
    world.settle();
    expect(world.removed).toEqual([]);
    expect(world.app.status?.retiredClaims.map(({ claim, state }) => [claim, state])).toEqual([
      ['data-db-1', 'Kept'],
      ['data-db-2', 'Kept'],
    ]);
  });

  test('whatever is edited meanwhile, never go while a pod may use them, nor without a copy that was asked for', () => {
    const words = fc.constantFrom('Retain', 'Delete', 'SnapshotThenDelete');
    const edit = fc.tuple(fc.integer({ min: 0, max: 3 }), words, fc.constantFrom('Refuse', 'Adopt', 'Wipe')).map(
      ([replicas, whenScaled, reuse]): Turn =>
        (world) =>
          world.edit({ replicas, retention: { whenScaled, whenDeleted: 'Retain', reuse } }),
    );
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 6, arbitrary: turn }, edit), { maxLength: 90 }), (acts) => {
        const world = running({ whenScaled: 'Delete' });
        for (const one of acts) one(world);
        expect(world.settle()).toBe(true);
        expect(world.violations).toEqual([]);
        expect(world.isSilent()).toBe(true);
      }),
      runs(25),
    );
  });
});

describe('old volumes in the way of a returning member', () => {
  test('are wiped where the app says so, and the member has a new one', () => {
    fc.assert(
      fc.property(turns, (acts) => {
        const world = running({ reuse: 'Wipe' });
        world.edit({ replicas: 1 });
        world.settle();
        const before = claimsOf(world);
        world.edit({ replicas: 3 });
        for (const one of acts) one(world);
        expect(world.settle()).toBe(true);
        expect(world.violations).toEqual([]);
        expect(world.removed.toSorted()).toEqual(['data-db-1', 'data-db-2']);
        expect(world.app.status?.readyReplicas).toBe(3);
        const after = claimsOf(world);
        expect([after[0] === before[0], after[1] === before[1], after[2] === before[2]]).toEqual([true, false, false]);
      }),
      RUNS,
    );
  });
});

describe('volumes of an app that is deleted', () => {
  test.each(['Retain', 'Delete', 'SnapshotThenDelete'])(
    'with %s end as it says, and the app is gone',
    (whenDeleted) => {
      fc.assert(
        fc.property(turns, (acts) => {
          const world = running({ whenDeleted });
          world.remove();
          for (const one of acts) one(world);
          expect(world.settle()).toBe(true);
          expect([world.isGone, world.pods.size, world.violations]).toEqual([true, 0, []]);
          expect(claimsOf(world)).toHaveLength(whenDeleted === 'Retain' ? 3 : 0);
          expect([...world.backups.values()].flatMap(({ status }) => status?.volumes ?? [])).toHaveLength(
            whenDeleted === 'SnapshotThenDelete' ? 3 : 0,
          );
        }),
        RUNS,
      );
    },
  );

  test.each<readonly [string, (world: AppWorld) => void]>([
    ['somebody says Retain meanwhile', (world) => world.edit({ retention: { whenDeleted: 'Retain' } })],
    [
      'the app is deleted with --cascade=orphan',
      (world) => {
        const { metadata } = world.app;
        world.app = { ...world.app, metadata: { ...metadata, finalizers: [...metadata.finalizers, 'orphan'] } };
      },
    ],
    [
      'the snapshots do not come in time',
      (world) => {
        world.edit({ retention: { whenDeleted: 'SnapshotThenDelete', timeoutSeconds: 60 } });
        // Taken by hand, and never ready.
        const name = `db-last-${(world.app.metadata.deletionTimestamp ?? '').replaceAll(/\D/g, '')}`;
        const gone = { metadata: { name, uid: 'x', deletionTimestamp: '2026-01-02T03:04:05Z' } };
        world.backups.set(
          name,
          parseAppBackup({
            ...backup({ spec: { app: 'other' } }),
            metadata: { ...backup().metadata, ...gone.metadata },
          }),
        );
      },
    ],
  ])('stay when %s', (_, change) => {
    const world = running({ whenDeleted: 'Delete' });
    world.remove();
    change(world);
    for (let round = 0; round < 10; round += 1) {
      world.act('operator');
      world.now += 30;
    }
    expect(world.removed).toEqual([]);
    expect(world.app.metadata.finalizers).not.toContain('proffer.dev/volumes');
  });

  test('stay until its pods are stopped by a write that looks at the StatefulSet as it is now', () => {
    const world = running({ whenDeleted: 'Delete' });
    world.remove();
    expect(world.plan().actions).toMatchObject([{ kind: 'apply', object: { kind: 'StatefulSet' }, isLive: true }]);
  });

  test('wait while the app is paused', () => {
    const world = running({ whenDeleted: 'Delete' });
    world.edit({ paused: true });
    world.remove();
    world.act('operator');
    expect([world.removed, world.isGone]).toEqual([[], false]);
    expect(world.app.status?.conditions.find(({ reason }) => reason === 'Deleting')?.message).toContain('spec.paused');
  });
});

test('an app that keeps its volumes carries no finalizer', () => {
  const { app: made } = running({});
  expect(made.metadata.finalizers).toEqual([]);
});
