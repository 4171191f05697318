import type { PersistentAppStatus } from '../../api/persistent-app.ts';
import { formatTime, parseTime } from '../app/rfc3339.ts';
import type { MemberMove } from './decide-moves.ts';

export type RecoveryRecord = NonNullable<PersistentAppStatus['lastRecovery']>;

/** Whether the status tells of a recovery that has not ended: nothing is looked for, and nothing destroyed, that it does not tell of. */
export function isRecoveryOpen(status: Pick<PersistentAppStatus, 'lastRecovery'> | undefined): boolean {
  return status?.lastRecovery !== undefined && status.lastRecovery.readyAt === undefined;
}

/** How far the member of the record is, beyond what is decided. */
export interface RecordedMember {
  readonly isBound: boolean;
  /** Epoch seconds; 0 without a pod. */
  readonly podCreatedAt: number;
  readonly isReady: boolean;
}

interface Recording {
  readonly before: RecoveryRecord | undefined;
  readonly moves: readonly MemberMove[];
  /** Undefined: there is no such member any more. */
  readonly memberOf: (name: string) => RecordedMember | undefined;
  /** Epoch seconds. */
  readonly now: number;
}

/**
 * The record of the last recovery. One that is open goes on until its member is ready; then the next that is begun takes its place. One
 * that was called off, because the node came back before anything was destroyed, leaves no record.
 */
export function recordRecovery(recording: Recording): RecoveryRecord | undefined {
  const { before, moves } = recording;
  if (before !== undefined && before.readyAt === undefined) {
    const continued = continueRecord(before, recording);
    if (continued !== undefined) return continued;
  }
  const begun = moves.flatMap((item) => begin(item, recording))[0];
  return begun ?? (before?.readyAt === undefined ? undefined : before);
}

function begin({ member, move }: MemberMove, { now }: Recording): readonly RecoveryRecord[] {
  if (move.step !== 'seek' && move.step !== 'found' && move.step !== 'release') return [];
  const { cause, evidence } = move;
  return [{ member, cause: cause.slice(0, 256), evidence: evidence.slice(0, 256), detectedAt: formatTime(now) }];
}

function continueRecord(before: RecoveryRecord, recording: Recording): RecoveryRecord | undefined {
  const { moves, memberOf, now } = recording;
  const step = moves.find((item) => item.member === before.member)?.move.step ?? 'none';
  if (step !== 'none' && step !== 'fenced') return before;
  const member = memberOf(before.member);
  if (member === undefined) return undefined;
  const isNewPod = isOfNewPod(before, member);
  if (before.fencedAt === undefined && member.isBound && !isNewPod) return undefined;
  return member.isBound && isNewPod ? onNewNode(before, member.isReady, now) : fenced(before, now);
}

/** It may have been made before anybody looked, where Kubernetes removed the old one: once that is cut off, a bound pod is a new one. */
function isOfNewPod({ fencedAt, detectedAt }: RecoveryRecord, { podCreatedAt }: RecordedMember): boolean {
  return fencedAt !== undefined || podCreatedAt >= (parseTime(detectedAt) ?? 0);
}

function fenced(before: RecoveryRecord, now: number): RecoveryRecord {
  return { ...before, fencedAt: before.fencedAt ?? formatTime(now) };
}

function onNewNode(before: RecoveryRecord, isReady: boolean, now: number): RecoveryRecord {
  const bound = { ...fenced(before, now), boundAt: before.boundAt ?? formatTime(now) };
  return isReady ? { ...bound, readyAt: formatTime(now) } : bound;
}

/** Seconds, from its detection on, of the phases of a recovery that ended between two records; 0 where the clock was set back meanwhile. */
export function endedPhases(
  before: RecoveryRecord | undefined,
  after: RecoveryRecord | undefined,
): readonly { readonly phase: 'fenced' | 'bound' | 'ready'; readonly seconds: number }[] {
  const start = parseTime(after?.detectedAt);
  if (after === undefined || start === undefined) return [];
  const isSame = before?.member === after.member && before.detectedAt === after.detectedAt;
  return (['fenced', 'bound', 'ready'] as const).flatMap((phase) => {
    const at = parseTime(after[`${phase}At`]);
    const known = isSame ? before[`${phase}At`] : undefined;
    return at === undefined || known !== undefined ? [] : [{ phase, seconds: Math.max(0, at - start) }];
  });
}
