import type { AppBackup } from '../../../api/app-backup.ts';
import { type Schedule, isFinished, isReady, scheduleOf } from '../../backup/schedule.ts';
import type { Situation } from '../situation.ts';
import type { FoundCondition } from './conditions.ts';

/** Whether the last scheduled backup is one that volumes can be made from. Only of an app with a schedule. */
export function backedUpCondition(situation: Situation): readonly FoundCondition[] {
  const schedule = scheduleOf(situation);
  if (schedule === undefined) return [];
  const { problem, backups, status } = schedule;
  if (problem !== '') return said('False', 'InvalidSchedule', `spec.backup.schedule: ${problem}`);
  const [newest] = backups;
  if (newest === undefined) return said('Unknown', 'NoBackupYet', `no backup was due yet since ${status.since}`);
  if (isReady(newest)) {
    return said('True', 'BackupReady', `AppBackup ${newest.metadata.name} is ready; ${status.kept} are kept`);
  }
  return notReady(newest, status);
}

function said(value: FoundCondition['status'], reason: string, message: string): readonly FoundCondition[] {
  return [{ type: 'BackedUp', status: value, reason, message }];
}

function notReady(newest: AppBackup, status: Schedule['status']): readonly FoundCondition[] {
  const { name } = newest.metadata;
  const last = status.lastReady === '' ? 'there is no other' : `the last one that is ready is ${status.lastReady}`;
  const why = newest.status?.conditions.find(({ type }) => type === 'Ready')?.message ?? 'it begins';
  const isNew = !isFinished(newest) && !newest.status?.conditions.some(({ type }) => type === 'Stalled');
  if (isNew) return said('Unknown', 'BackupRunning', `AppBackup ${name}: ${why}; ${last}`);
  const hint = isFinished(newest) ? '' : '; no other begins before it ends: put that right, or delete it';
  return said('False', 'BackupNotReady', `AppBackup ${name}: ${why}; ${last}${hint}`);
}
