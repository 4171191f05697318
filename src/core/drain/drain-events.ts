import type { PersistentAppStatus } from '../../api/persistent-app.ts';
import type { AppEvent } from '../app/plan.ts';
import { parseTime } from '../app/rfc3339.ts';

type Status = Pick<PersistentAppStatus, 'lastDrain' | 'operations'>;

/** What a drain waits for without anybody being told: it passes by itself. */
const PASSES: ReadonlySet<string> = new Set([
  '',
  'MemberReady',
  'MinReadySeconds',
  'StatefulSet',
  'Recovery',
  'NoSlot',
  'Rebuild',
]);

/** A move off a node that is to be emptied is told when it begins and when it ends; what keeps members there, once. */
export function drainEvents(before: Status | undefined, after: Status): readonly AppEvent[] {
  return [...moveEvents(before?.lastDrain, after.lastDrain), ...blockEvents(before, after)];
}

function moveEvents(before: Status['lastDrain'], after: Status['lastDrain']): readonly AppEvent[] {
  if (after === undefined) return [];
  const isSame = before?.member === after.member && before.begunAt === after.begunAt;
  const { member, from, to, why, begunAt, readyAt } = after;
  const begun: AppEvent = {
    type: 'Normal',
    reason: 'DrainMove',
    message: `${member} leaves ${from} for ${to}: node ${from} ${why}`,
  };
  if (readyAt === undefined || (isSame && before.readyAt !== undefined)) return isSame ? [] : [begun];
  const seconds = (parseTime(readyAt) ?? 0) - (parseTime(begunAt) ?? 0);
  const ended: AppEvent = {
    type: 'Normal',
    reason: 'DrainMoved',
    message: `${member} is ready on ${to} after ${seconds} s`,
  };
  return isSame ? [ended] : [begun, ended];
}

function blockEvents(before: Status | undefined, after: Status): readonly AppEvent[] {
  const drainOf = (status: Status | undefined) => status?.operations.find(({ type }) => type === 'Drain');
  const now = drainOf(after);
  if (now === undefined || PASSES.has(now.blockedBy) || now.blockedBy.startsWith('AppOperation/')) return [];
  if (drainOf(before)?.blockedBy === now.blockedBy) return [];
  return [{ type: 'Warning', reason: 'DrainBlocked', message: now.message }];
}
