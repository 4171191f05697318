import type { PersistentAppStatus } from '../../api/persistent-app.ts';
import { isReady } from '../app/readiness.ts';
import { formatTime, parseTime } from '../app/rfc3339.ts';
import type { Member, Situation } from '../app/situation.ts';
import { BUDGET_LAG_SECONDS } from './budget-lag.ts';
import { drainTurn } from './drain-turn.ts';

export type DrainRecord = NonNullable<PersistentAppStatus['lastDrain']>;

/**
 * The record of the last member that left a node which is to be emptied. One that is open goes on until its member is ready elsewhere; then
 * its time counts for what the next ones will take. One whose pod stayed after all is dropped.
 */
export function lastDrain(situation: Situation): DrainRecord | undefined {
  const before = situation.app.status?.lastDrain;
  if (before !== undefined && before.readyAt === undefined) return goOn(before, situation);
  const [next] = drainTurn(situation).go;
  return next === undefined ? before : begin(next, before, situation);
}

function begin({ name, pod, slot }: Member, before: DrainRecord | undefined, { drain, now }: Situation): DrainRecord {
  const why = drain?.leaving.find((item) => item.name === name)?.mark.says ?? '';
  const { moves = 0, seconds = 0 } = before ?? {};
  const [from, to] = [pod?.nodeName ?? '', slot?.node ?? ''];
  return { member: name, from, to, why, begunAt: formatTime(now), moves, seconds };
}

function goOn(before: DrainRecord, situation: Situation): DrainRecord | undefined {
  const member = situation.members.find(({ name, wanted }) => name === before.member && wanted);
  if (member === undefined) return undefined;
  const { pod } = member;
  const begunAt = parseTime(before.begunAt) ?? situation.now;
  if (pod === undefined || !member.bound) return before;
  if (pod.createdAtSeconds < begunAt || pod.nodeName === before.from)
    return isStill(member, begunAt, situation) ? before : undefined;
  return isReady(member) ? end(before, pod.nodeName, begunAt, situation.now) : before;
}

/** Its old pod is on its way out, or is about to be, or was told to go a moment ago, of which its disruption budget may be heard first. */
function isStill({ name, pod }: Member, begunAt: number, situation: Situation): boolean {
  if (pod?.deleting === true || drainTurn(situation).go.some((member) => member.name === name)) return true;
  return situation.now < begunAt + BUDGET_LAG_SECONDS && situation.drain?.orders.has(name) === true;
}

function end(before: DrainRecord, to: string, begunAt: number, now: number): DrainRecord {
  const moves = before.moves + 1;
  const seconds = Math.round((before.seconds * before.moves + Math.max(0, now - begunAt)) / moves);
  return { ...before, to, moves, seconds, readyAt: formatTime(now) };
}
