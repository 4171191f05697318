import { describe, expect, test } from '@jest/globals';
import { DATA, NOW, app, claim, facts } from '../../../../test/support/app-builders.ts';
import { backup } from '../../../../test/support/backup-world.ts';
import type { AppBackup } from '../../../api/app-backup.ts';
import type { AppFacts } from '../facts.ts';
import { plan } from '../make-plan.ts';
import { formatTime } from '../rfc3339.ts';

/** NOW is 03:04:05 of 2 January: the daily run of 03:00 was due four minutes ago. */
const DAILY = { schedule: '0 3 * * *' };
const YESTERDAY = '2026-01-01T03:00:00Z';

const told = (time: string, parts: object = {}) => ({ backup: { schedule: DAILY.schedule, since: time, ...parts } });

function given(plan_: object, status: object | undefined, parts: Partial<AppFacts> = {}): AppFacts {
  const spec = { replicas: 1, volumeClaims: [DATA], backup: plan_ };
  return facts({ app: app({ spec, status }), claims: [claim()], ...parts });
}

/** A scheduled backup that was due `hours` before the run of 03:00. */
function scheduled(hours: number, state: 'ready' | 'bad' | 'running' = 'ready', appUid = 'app-1'): AppBackup {
  const time = formatTime(NOW - 245 - hours * 3600);
  const ended = { startedAt: time, finishedAt: time, readyToUse: state === 'ready' };
  const name = `db-${hours}h`;
  return backup({
    metadata: {
      name,
      uid: name,
      annotations: { 'proffer.dev/scheduled-at': time },
      labels: { 'proffer.dev/app-uid': appUid },
    },
    status: state === 'running' ? { startedAt: time } : ended,
  });
}

function actionsOf(situation: AppFacts, now = NOW): readonly string[] {
  return plan(situation, now).actions.flatMap((action) => {
    if (action.kind === 'create') return [`take ${action.object.metadata.name}`];
    return action.kind === 'deleteBackup' ? [`delete ${action.name}`] : [];
  });
}

describe('a schedule', () => {
  test('that was just written has missed nothing, and is looked at when it is due', () => {
    const { actions, status, wakeAfterSeconds } = plan(given(DAILY, undefined), NOW);
    expect(actions.some(({ kind }) => kind === 'create')).toBe(false);
    expect(status.backup).toMatchObject({ since: '2026-01-02T03:04:05Z', schedule: '0 3 * * *' });
    expect(wakeAfterSeconds).toBeLessThanOrEqual(86_400);
  });

  test.each<readonly [string, AppFacts, readonly string[]]>([
    ['is due', given(DAILY, told(YESTERDAY)), ['take db-202601020300']],
    ['missed ten days, and makes one good', given(DAILY, told('2025-12-23T03:00:00Z')), ['take db-202601020300']],
    ['was followed', given(DAILY, told(YESTERDAY, { lastScheduledAt: '2026-01-02T03:00:00Z' })), []],
    ['was followed, and its status not written', given(DAILY, told(YESTERDAY), { backups: [scheduled(0)] }), []],
    ['waits for the last one to end', given(DAILY, told(YESTERDAY), { backups: [scheduled(24, 'running')] }), []],
    [
      'waits for none of a deleted app',
      given(DAILY, told(YESTERDAY), { backups: [scheduled(24, 'running', 'app-0')] }),
      ['take db-202601020300'],
    ],
    ['waits for volumes', given(DAILY, told(YESTERDAY), { claims: [] }), []],
    ['was changed', given({ schedule: '0 2 * * *' }, told(YESTERDAY)), []],
  ])('that %s', (_, situation, expected) => {
    expect(actionsOf(situation)).toEqual(expected);
  });

  test('whose backup somebody deleted does not take it anew', () => {
    const first = plan(given(DAILY, told(YESTERDAY), { backups: [scheduled(0)] }), NOW);
    expect(first.status.backup?.lastScheduledAt).toBe('2026-01-02T03:00:00Z');
    expect(actionsOf(given(DAILY, first.status))).toEqual([]);
  });

  test('takes the backup once, whoever dies in between: it is named after its moment', () => {
    const due = given(DAILY, told(YESTERDAY));
    expect(actionsOf(due, NOW + 600)).toEqual(actionsOf(due, NOW));
  });

  test.each([
    ['nonsense', '1 fields'],
    ['0 0 31 2 *', 'never due'],
  ])('that says %s stalls, in words, and holds nothing else back', (schedule, words) => {
    const { status, demand } = plan(given({ schedule }, undefined), NOW);
    const stalled = status.conditions.find(({ type }) => type === 'Stalled');
    expect(stalled).toMatchObject({ status: 'True', reason: 'InvalidSchedule' });
    expect(stalled?.message).toContain(words);
    expect(demand).toBeDefined();
  });

  test.each<readonly [string, readonly AppBackup[], string]>([
    ['none yet', [], 'Unknown NoBackupYet'],
    ['one ready of a deleted app of this name', [scheduled(0, 'ready', 'app-0')], 'Unknown NoBackupYet'],
    ['one ready', [scheduled(0)], 'True BackupReady'],
    ['one running', [scheduled(0, 'running'), scheduled(24)], 'Unknown BackupRunning'],
    ['one that is gone bad', [scheduled(0, 'bad'), scheduled(24)], 'False BackupNotReady'],
  ])('with %s says so', (_, backups, expected) => {
    const { status } = plan(given(DAILY, told('2026-01-02T03:01:00Z'), { backups }), NOW);
    const found = status.conditions.find(({ type }) => type === 'BackedUp');
    expect(`${found?.status} ${found?.reason}`).toBe(expected);
  });
});

describe('keep', () => {
  const KEEP_TWO = { ...DAILY, keep: 2 };
  const rest = told('2026-01-02T03:01:00Z');
  const byHand = backup({ status: { startedAt: YESTERDAY, finishedAt: YESTERDAY, readyToUse: true } });

  test.each<readonly [string, readonly AppBackup[], string, readonly string[]]>([
    ['the oldest beyond it', [24, 48, 72, 96].map((hours) => scheduled(hours)), '', ['delete db-72h', 'delete db-96h']],
    ['none that a person made', [scheduled(24), scheduled(48), byHand], '', []],
    [
      'none that a deleted app of this name left',
      [24, 48, 72].map((hours) => scheduled(hours, 'ready', 'app-0')),
      '',
      [],
    ],
    ['none that is not finished', [scheduled(24), scheduled(48), scheduled(72, 'running')], '', []],
    [
      'never the last good one',
      [scheduled(24, 'bad'), scheduled(48, 'bad'), scheduled(72), scheduled(96)],
      '',
      ['delete db-96h'],
    ],
    ['none that an app is being made from', [24, 48, 72].map((hours) => scheduled(hours)), 'db-72h', []],
  ])('deletes %s', (_, backups, inUse, expected) => {
    expect(actionsOf(given(KEEP_TWO, rest, { backups, backupsInUse: new Set([inUse]) }))).toEqual(expected);
  });
});
