import type { AppBackup } from '../../api/app-backup.ts';
import { ANNOTATION_SCHEDULED, LABEL_APP_UID } from '../../api/labels.ts';
import type { PersistentApp, PersistentAppStatus } from '../../api/persistent-app.ts';
import type { Situation } from '../app/situation.ts';
import { formatTime, parseTime } from '../app/rfc3339.ts';
import { type Cron, CronError, parseCron } from './cron.ts';
import { lastTime, nextTime } from './cron-times.ts';

/** What the schedule of an app comes to now. Times in epoch seconds. */
export interface Schedule {
  /** Why nobody can follow it; empty: it can be. */
  readonly problem: string;
  /** Those that this app's schedule made, the newest first. */
  readonly backups: readonly AppBackup[];
  /** The run that is due and was not begun: the last of those that were missed. */
  readonly dueAt: number | undefined;
  readonly nextAt: number | undefined;
  readonly status: NonNullable<PersistentAppStatus['backup']>;
}

/** Undefined: the app has no schedule. */
export function scheduleOf({ app, facts, now }: Situation): Schedule | undefined {
  const { backup } = app.spec;
  if (backup === undefined) return undefined;
  const backups = (facts.backups ?? []).filter((one) => isScheduledBy(app, one)).toSorted(newestFirst);
  const status = statusOf(backup.schedule, backups, app.status?.backup, now);
  const cron = read(backup.schedule);
  if (typeof cron === 'string') return { problem: cron, backups, dueAt: undefined, nextAt: undefined, status };
  const from = Math.max(parseTime(status.since) ?? now, parseTime(status.lastScheduledAt) ?? 0);
  const nextAt = nextTime(cron, now);
  const problem = nextAt === undefined ? `"${backup.schedule}" is never due` : '';
  return { problem, backups, dueAt: lastTime(cron, now, from), nextAt, status };
}

function statusOf(
  schedule: string,
  backups: readonly AppBackup[],
  before: PersistentAppStatus['backup'],
  now: number,
): Schedule['status'] {
  const lastScheduledAt = later(before?.lastScheduledAt, backups[0]?.metadata.annotations[ANNOTATION_SCHEDULED]);
  return {
    schedule,
    // A schedule that was just written has missed nothing.
    since: before?.schedule === schedule ? before.since : formatTime(now),
    ...(lastScheduledAt === undefined ? {} : { lastScheduledAt }),
    lastReady: backups.find(isReady)?.metadata.name ?? '',
    kept: backups.filter(isFinished).length,
  };
}

function read(line: string): Cron | string {
  try {
    return parseCron(line);
  } catch (error) {
    if (error instanceof CronError) return error.message;
    throw error;
  }
}

/**
 * Whether this very app's schedule made the backup. What a person made is a person's to delete, and so is what an app of the same name left
 * that was deleted: its copies may be the last of its data.
 */
export function isScheduledBy(app: Pick<PersistentApp, 'metadata'>, { metadata, spec }: AppBackup): boolean {
  const isOwn = spec.app === app.metadata.name && metadata.labels[LABEL_APP_UID] === app.metadata.uid;
  return isOwn && metadata.annotations[ANNOTATION_SCHEDULED] !== undefined;
}

function newestFirst(a: AppBackup, b: AppBackup): number {
  return timeOf(b) - timeOf(a) || (a.metadata.name < b.metadata.name ? 1 : -1);
}

function timeOf({ metadata }: AppBackup): number {
  return parseTime(metadata.annotations[ANNOTATION_SCHEDULED]) ?? 0;
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  return (parseTime(a) ?? -1) >= (parseTime(b) ?? -1) ? a : b;
}

export function isFinished({ status }: AppBackup): boolean {
  return status?.finishedAt !== undefined;
}

/** A volume can be made from each of its copies now. */
export function isReady(backup: AppBackup): boolean {
  return isFinished(backup) && backup.status?.readyToUse === true && backup.metadata.deletionTimestamp === undefined;
}

/**
 * Scheduled backups beyond the newest `keep` that have ended. The newest one that is ready always stays, and so does what an app is being
 * made from; what a person made is not looked at.
 */
export function surplus(backups: readonly AppBackup[], keep: number, inUse: ReadonlySet<string>): readonly AppBackup[] {
  const lastGood = backups.find(isReady);
  return backups
    .filter(isFinished)
    .slice(keep)
    .filter((backup) => backup !== lastGood && backup.metadata.deletionTimestamp === undefined)
    .filter(({ metadata }) => !inUse.has(metadata.name));
}
