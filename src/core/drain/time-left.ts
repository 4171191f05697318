import { parseTime } from '../app/rfc3339.ts';
import type { Situation } from '../app/situation.ts';

/**
 * What it will take until so many members have moved, as a sentence: how long earlier moves of this app took, times the members left. Earlier
 * drains count first, then AppOperations of type Move, then the last recovery.
 */
export function timeLeft(members: number, { app, facts }: Pick<Situation, 'app' | 'facts'>): string {
  if (members === 0) return '';
  const seconds = measuredSeconds(app.status, facts.operations ?? []);
  const left = members === 1 ? '1 member is left' : `${members} members are left`;
  if (seconds === undefined) return `${left}, and how long a move takes is not known before the first`;
  const each = Math.max(seconds, app.spec.update.minReadySeconds);
  return `about ${showSeconds(members * Math.max(1, each))} to go: ${left}, and a move took ${seconds} s`;
}

type Status = Situation['app']['status'];
type Operations = NonNullable<Situation['facts']['operations']>;

function measuredSeconds(status: Status, operations: Operations): number | undefined {
  const drain = status?.lastDrain;
  if (drain !== undefined && drain.moves > 0) return drain.seconds;
  const moves = operations
    .filter(({ spec }) => spec.type === 'Move')
    .flatMap((operation) => (operation.status?.phases ?? []).flatMap(({ steps }) => steps))
    .filter(({ state }) => state === 'Complete')
    .flatMap(({ startedAt, finishedAt }) => between(startedAt, finishedAt));
  if (moves.length > 0) return Math.round(moves.reduce((sum, one) => sum + one, 0) / moves.length);
  return between(status?.lastRecovery?.detectedAt, status?.lastRecovery?.readyAt)[0];
}

function between(from: string | undefined, to: string | undefined): readonly number[] {
  const [start, end] = [parseTime(from), parseTime(to)];
  return start === undefined || end === undefined || end < start ? [] : [end - start];
}

function showSeconds(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
