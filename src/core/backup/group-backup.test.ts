import { describe, expect, test } from '@jest/globals';
import { DATA, NOW, app, claim } from '../../../test/support/app-builders.ts';
import { BackupWorld, backup, backupFacts, snapshotClass } from '../../../test/support/backup-world.ts';
import { LABEL_BACKUP_GROUP } from '../../api/labels.ts';
import type { BackupFacts } from './backup-facts.ts';
import { planBackup } from './plan-backup.ts';
import type { SnapshotClassFacts } from './snapshot-facts.ts';

const CLAIMS = ['data-db-0', 'wal-db-0', 'data-db-1', 'wal-db-1'];
const SPEC = { replicas: 2, volumeClaims: [DATA, { ...DATA, name: 'wal', mountPath: '/wal' }] };

const classes = (...given: readonly Partial<SnapshotClassFacts>[]) =>
  new Map(
    given.map((parts, at) => [`group-${at}`, snapshotClass({ name: `group-${at}`, isDefault: false, ...parts })]),
  );

/** Two members with two volumes each, and a class of groups. */
function facts(parts: Partial<BackupFacts> = {}): BackupFacts {
  const claims = CLAIMS.map((name) => claim({ name, uid: `uid-${name}`, volumeName: `pv-${name}` }));
  return backupFacts({ app: app({ spec: SPEC }), claims, groupClasses: classes({}), ...parts });
}

const begun = (parts: Partial<BackupFacts>) => planBackup(facts(parts), NOW).status;

describe('the volumes of a member are copied as a group', () => {
  test('where there is a class of groups of their driver; which, is written down first', () => {
    const { consistency, volumes } = begun({});
    expect(consistency).toBe('Group');
    expect(volumes.map((volume) => [volume.claim, volume.group, volume.snapshot, volume.snapshotClassName])).toEqual(
      ['0', '0', '1', '1'].map((ordinal, at) => {
        const name = `${at % 2 === 0 ? 'data' : 'wal'}-db-${ordinal}`;
        return [name, `db-${ordinal}-b1b2b3b4`, '', 'group-0'];
      }),
    );
  });

  test.each<readonly [string, Partial<BackupFacts>, 'Group' | 'Crash']>([
    ['not without such a class', { groupClasses: new Map() }, 'Crash'],
    ['not with one of another driver', { groupClasses: classes({ driver: 'ebs.csi.aws.com' }) }, 'Crash'],
    ['not with one that deletes what is to be kept', { groupClasses: classes({ deletionPolicy: 'Delete' }) }, 'Crash'],
    ['not when several would do', { groupClasses: classes({}, {}) }, 'Crash'],
    ['but with the default of several', { groupClasses: classes({}, { isDefault: true }) }, 'Group'],
    ['not when each has one volume', { app: app({ spec: { ...SPEC, volumeClaims: [DATA] } }) }, 'Crash'],
  ])('%s', (_, parts, expected) => {
    const { consistency, volumes } = begun(parts);
    expect(consistency).toBe(expected);
    expect(volumes.every(({ group, snapshot }) => (group === '') === (snapshot !== ''))).toBe(true);
  });
});

describe('a group', () => {
  test('is taken once its claims are labelled, and no other claim is', () => {
    const world = new BackupWorld(facts(), undefined);
    const removed = claim({
      name: 'old-db-0',
      uid: 'old',
      labels: { ...claim().labels, [LABEL_BACKUP_GROUP]: 'db-0' },
    });
    world.claims = [...world.claims, removed];
    world.settle();
    expect(world.made).toEqual(['db-0-b1b2b3b4', 'db-1-b1b2b3b4']);
    expect(world.snapshots.size).toBe(4);
    expect(world.claims.map(({ name, labels }) => [name, labels[LABEL_BACKUP_GROUP]])).toEqual([
      ['data-db-0', 'db-0'],
      ['wal-db-0', 'db-0'],
      ['data-db-1', 'db-1'],
      ['wal-db-1', 'db-1'],
      ['old-db-0', undefined],
    ]);
    expect(world.backup.status).toMatchObject({ readyToUse: true, consistency: 'Group', progress: '2/2', size: '4Gi' });
    expect(world.backup.status?.volumes[1]?.snapshot).toBe('snapshot-of-wal-db-0-in-uid-db-0-b1b2b3b4');
  });

  test('is controlled by its backup', () => {
    const world = new BackupWorld(facts(), undefined);
    world.settle();
    for (const group of world.groups.values()) {
      expect(group.metadata['ownerReferences']).toEqual([
        expect.objectContaining({ kind: 'AppBackup', uid: 'b1b2b3b4-rest', controller: true }),
      ]);
    }
  });
});

describe('killed at every write, a backup in groups', () => {
  const quiet = new BackupWorld(facts(), undefined);
  quiet.settle();
  const points = Array.from({ length: quiet.writes }, (_, at) => at + 1);
  const kills = points.flatMap((at) => [{ at, when: 'before' } as const, { at, when: 'after' } as const]);

  test.each(kills)('$at, $when it arrives, it ends the same, and no group is taken twice', (kill) => {
    const world = new BackupWorld(facts(), kill);
    world.settle();
    expect(world.made.toSorted()).toEqual(quiet.made.toSorted());
    expect(world.backup.status?.volumes).toEqual(quiet.backup.status?.volumes);
  });
});

const GROUP = 'db-1-b1b2b3b4';

function after(change: (world: BackupWorld) => void) {
  const world = new BackupWorld(facts(), undefined);
  world.settle();
  change(world);
  return planBackup(world.facts(), NOW);
}

describe('a backup whose group', () => {
  test.each<readonly [string, (world: BackupWorld) => void, string]>([
    [
      'was deleted is not taken anew: it would be of another moment',
      (world) => world.groups.delete(GROUP),
      'SnapshotGone',
    ],
    [
      'lost one of its snapshots is not ready any more',
      (world) => world.snapshots.delete(`snapshot-of-wal-db-1-in-uid-${GROUP}`),
      'SnapshotGone',
    ],
    [
      'is of somebody else is not counted',
      (world) => {
        const found = world.groups.get(GROUP);
        if (found !== undefined)
          world.groups.set(GROUP, { ...found, metadata: { ...found.metadata, ownerReferences: [] } });
      },
      'ForeignObject',
    ],
  ])('%s', (_, change, reason) => {
    const { marks, create, status } = after(change);
    expect([marks, create]).toEqual([[], []]);
    expect([status.readyToUse, status.conditions[0]?.reason]).toEqual([false, reason]);
    expect(status.conditions[0]?.message).toMatch(/db-1/);
  });

  test("fails says so in the driver's words, with the way to do without groups", () => {
    const volumes = begun({}).volumes;
    const failing = { uid: 'g', namespace: 'prod', name: GROUP, ownerUid: 'b1b2b3b4-rest', backup: 'monday' };
    const group = { ...failing, readyToUse: false, deleting: false, error: 'Unimplemented' };
    const { status } = planBackup(
      facts({
        backup: backup({ status: { startedAt: '2026-01-02T03:04:05Z', volumes } }),
        groups: new Map([[GROUP, group]]),
      }),
      NOW,
    );
    expect(status.conditions[0]).toMatchObject({ reason: 'SnapshotFailing' });
    expect(status.conditions[0]?.message).toMatch(/Unimplemented.*delete VolumeGroupSnapshotClass group-0/);
  });

  test('lost a claim before it was taken says so, and is never ready', () => {
    const status = begun({});
    const left = facts().claims.filter(({ name }) => name !== 'wal-db-1');
    const plan = planBackup(facts({ backup: backup({ status }), claims: left }), NOW);
    expect(plan.create).toEqual([]);
    expect(plan.status.readyToUse).toBe(false);
    expect(plan.status.conditions[0]?.message).toMatch(/wal-db-1.*deleted before it was copied/);
  });
});
