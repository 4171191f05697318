import { describe, expect, test } from '@jest/globals';
import { DATA, NOW, app, claim, pool } from '../../../test/support/app-builders.ts';
import { BackupWorld, backup, backupFacts, snapshotClass, volumeOf } from '../../../test/support/backup-world.ts';
import type { BackupFacts } from './backup-facts.ts';
import { planBackup } from './plan-backup.ts';
import { readSnapshot } from './read-snapshot.ts';

function saidOf(parts: Partial<BackupFacts>): string {
  const { create, status } = planBackup(backupFacts(parts), NOW);
  expect(create).toEqual([]);
  expect(status.startedAt).toBeUndefined();
  const [ready] = status.conditions;
  return `${ready?.reason}: ${ready?.message}`;
}

const TWO = { replicas: 2, volumeClaims: [DATA] };

describe('a backup does not begin', () => {
  test.each<readonly [string, Partial<BackupFacts>, readonly string[]]>([
    ['without the snapshot kinds', { kinds: 'missing' }, ['SnapshotKindsMissing', 'external-snapshotter']],
    ['before they are read', { kinds: 'reading' }, ['ReadingSnapshots']],
    ['of an app that is not there', { app: undefined }, ['AppNotFound', '"db"']],
    ['of an app without volumes', { app: app() }, ['NoVolumes']],
    ['of a suspended app of no member', { app: app({ spec: { ...TWO, replicas: 0 } }) }, ['NoMembers']],
    ['of a stranger', { backup: backup({ spec: { member: 'db-x' } }) }, ['NoMembers', 'db-x']],
    ['while a claim lacks', { claims: [claim()] }, ['ClaimNotBound', 'data-db-1 of member db-1 does not exist']],
    [
      'while a claim is not bound',
      { claims: [claim({ phase: 'Pending', volumeName: '' })] },
      ['ClaimNotBound', 'data-db-0 of member db-0 is Pending'],
    ],
    [
      'with the claim of somebody else',
      { claims: [claim({ labels: {} }), claim({ name: 'data-db-1' })] },
      ['ForeignObject', 'data-db-0'],
    ],
    [
      'of a volume that is not CSI',
      {
        volumes: new Map(
          ['data-db-0', 'data-db-1'].map((name) => [`pv-${name}`, { ...volumeOf(claim({ name })), driver: '' }]),
        ),
      },
      ['NoCsiDriver', 'pv-data-db-0'],
    ],
    [
      'with a class that is not there',
      { backup: backup({ spec: { snapshotClassName: 'gold' } }) },
      ['SnapshotClassNotFound', '"gold"'],
    ],
    [
      'with a class of another driver, and names both',
      {
        backup: backup({ spec: { snapshotClassName: 'ebs' } }),
        classes: new Map([['ebs', snapshotClass({ name: 'ebs', driver: 'ebs.csi.aws.com' })]]),
      },
      ['SnapshotClassOfOtherDriver', 'ebs.csi.aws.com', 'csi.example.com'],
    ],
    [
      'when nobody says with which class',
      {
        classes: new Map([
          ['a', snapshotClass({ name: 'a' })],
          ['b', snapshotClass({ name: 'b' })],
        ]),
      },
      ['NoSnapshotClass', 'csi.example.com'],
    ],
  ])('%s', (_, parts, words) => {
    const said = saidOf(parts);
    for (const word of words) expect(said).toContain(word);
  });
});

describe('the class of a volume is', () => {
  const classes = new Map(
    ['mine', 'apps', 'pools', 'snap'].map((name) => [name, snapshotClass({ name, isDefault: name === 'snap' })]),
  );
  const pools = new Map([
    ['data', { ...pool('data', { provider: 'longhorn' }), status: { snapshotClassName: 'pools' } as never }],
  ]);
  const pooled = { ...DATA, storageClassName: undefined, pool: 'data' };

  test.each<readonly [string, Partial<BackupFacts>, string]>([
    ["the backup's own", { backup: backup({ spec: { snapshotClassName: 'mine' } }) }, 'mine'],
    [
      "else the app's",
      { app: app({ spec: { ...TWO, backup: { schedule: '0 3 * * *', snapshotClassName: 'apps' } } }) },
      'apps',
    ],
    ["else the pool's", { app: app({ spec: { ...TWO, volumeClaims: [pooled] } }) }, 'pools'],
    ["else the driver's default", {}, 'snap'],
  ])('%s', (_, parts, expected) => {
    const { status } = planBackup(backupFacts({ classes, pools, ...parts }), NOW);
    expect(status.volumes.map((volume) => volume.snapshotClassName)).toEqual([expected, expected]);
  });
});

describe('a backup that begins', () => {
  test('writes down what it is of before it makes anything', () => {
    const { create, status } = planBackup(backupFacts(), NOW);
    expect(create).toEqual([]);
    expect(status).toMatchObject({ startedAt: '2026-01-02T03:04:05Z', consistency: 'Crash', progress: '0/2' });
    expect(status.volumes.map(({ claim: name, member, snapshot }) => [name, member, snapshot])).toEqual([
      ['data-db-0', 'db-0', 'data-db-0-b1b2b3b4'],
      ['data-db-1', 'db-1', 'data-db-1-b1b2b3b4'],
    ]);
  });

  test('of one member is of its volumes, also when it was scaled in', () => {
    const left = claim({ name: 'data-db-4' });
    const { status } = planBackup(backupFacts({ backup: backup({ spec: { member: 'db-4' } }), claims: [left] }), NOW);
    expect(status.volumes.map((volume) => volume.claim)).toEqual(['data-db-4']);
  });

  test('controls its snapshots, so that they go with it and with nothing else', () => {
    const world = new BackupWorld(backupFacts(), undefined);
    world.settle();
    const owners = [...world.snapshots.values()].flatMap((object) => object.metadata['ownerReferences']);
    expect(owners).toEqual(
      [1, 2].map(() => expect.objectContaining({ kind: 'AppBackup', uid: 'b1b2b3b4-rest', controller: true })),
    );
  });

  test('ends ready, with sizes and progress', () => {
    const world = new BackupWorld(backupFacts(), undefined);
    world.settle();
    expect(world.backup.status).toMatchObject({ readyToUse: true, progress: '2/2', size: '2Gi' });
    expect(world.backup.status?.finishedAt).toBeDefined();
    expect(world.backup.status?.conditions.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
      'Ready BackupReady',
    ]);
  });
});

describe('killed at every write', () => {
  const quiet = new BackupWorld(backupFacts(), undefined);
  quiet.settle();
  const points = Array.from({ length: quiet.writes }, (_, at) => at + 1);
  const kills = points.flatMap((at) => [{ at, when: 'before' } as const, { at, when: 'after' } as const]);

  test.each(kills)('$at, $when it arrives, it ends the same, and no snapshot is made twice', (kill) => {
    const world = new BackupWorld(backupFacts(), kill);
    world.settle();
    expect(world.made.toSorted()).toEqual(quiet.made.toSorted());
    expect(world.backup.status?.readyToUse).toBe(true);
    expect(world.backup.status?.volumes).toEqual(quiet.backup.status?.volumes);
  });
});

function after(change: (world: BackupWorld) => void) {
  const world = new BackupWorld(backupFacts(), undefined);
  world.settle();
  change(world);
  return planBackup(world.facts(), NOW);
}

describe('a backup whose snapshot', () => {
  const NAME = 'data-db-1-b1b2b3b4';

  test('was deleted is not ready any more, and is not taken anew: it would be of another moment', () => {
    const { create, status } = after((world) => world.snapshots.delete(NAME));
    expect(create).toEqual([]);
    expect(status.readyToUse).toBe(false);
    expect(status.conditions.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
      'Ready SnapshotGone',
      'Stalled SnapshotGone',
    ]);
    expect(status.conditions[0]?.message).toContain(NAME);
  });

  test("fails says so in the driver's words", () => {
    const world = new BackupWorld(backupFacts(), undefined);
    world.settle();
    const began = backup({
      status: { startedAt: '2026-01-02T03:04:05Z', volumes: [{ claim: 'data-db-1', member: 'db-1', snapshot: NAME }] },
    });
    const failing = { ...world.snapshots.get(NAME), status: { readyToUse: false, error: { message: 'pool is full' } } };
    const { status } = planBackup(
      backupFacts({ backup: began, snapshots: new Map([[NAME, readSnapshot(failing)]]) }),
      NOW,
    );
    expect(status.conditions[0]).toMatchObject({
      reason: 'SnapshotFailing',
      message: '0 of 1 volumes are ready: claim data-db-1: pool is full',
    });
    expect(status.finishedAt).toBeUndefined();
  });

  test('is of somebody else is not counted', () => {
    const { status } = after((world) => {
      const found = world.snapshots.get(NAME);
      if (found !== undefined)
        world.snapshots.set(NAME, { ...found, metadata: { ...found.metadata, ownerReferences: [] } });
    });
    expect([status.readyToUse, status.conditions[0]?.reason]).toEqual([false, 'ForeignObject']);
  });

  test('cannot be read at the moment keeps what was known', () => {
    const world = new BackupWorld(backupFacts(), undefined);
    world.settle();
    const { status } = planBackup({ ...world.facts(), kinds: 'reading', snapshots: new Map() }, NOW);
    expect(status).toEqual(world.backup.status);
  });
});
