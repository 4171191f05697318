import { DECLINED_NODES, type PersistentAppStatus } from '../../../api/persistent-app.ts';
import type { DeclineRecord } from '../../allocator/decline-ledger.ts';
import { canonicalJson } from '../intent-hash.ts';
import { formatTime } from '../rfc3339.ts';
import type { StatusInput } from './status-input.ts';

type Offers = PersistentAppStatus['offers'];

const MESSAGE_LENGTH = 256;
const OPERATION_LENGTH = 1024;

/** What members wait for, and what was declined of them. */
export function offersStatus({ situation, demand }: StatusInput): Offers {
  if (demand === undefined) return NOBODY_WAITS;
  const { facts, app } = situation;
  const before = app.status?.offers ?? NOBODY_WAITS;
  const rejected = { ...facts.decline?.nodesByReason };
  const isCountNew = canonicalJson(rejected) !== canonicalJson(before.rejected);
  const isNews = isCountNew || !isTold(facts.decline?.message, app.status);
  return {
    pendingSince: before.pendingSince ?? formatTime(demand.pendingSinceSeconds),
    attempts: before.attempts + (isCountNew ? 1 : 0),
    rejected,
    // Counts go on only with another answer: else there would be something to write at every turn.
    ...(isNews ? declinedNodes(facts.declines) : toldBefore(before)),
  };
}

const NOBODY_WAITS: Offers = { attempts: 0, rejected: {} };

/** Whether the status says just that already: an operation holds the message of the decline, cut to its length. */
function isTold(message: string | undefined, status: PersistentAppStatus | undefined): boolean {
  const told = message?.slice(0, OPERATION_LENGTH);
  return told === undefined || status?.operations.some((operation) => operation.message === told) === true;
}

function declinedNodes(record: DeclineRecord | undefined): Pick<Offers, 'declined' | 'declinedMore'> {
  if (record === undefined || record.nodes.length === 0) return {};
  const told = record.nodes.slice(0, DECLINED_NODES);
  const names = new Set(told.map(({ node }) => node));
  const more = new Set(record.nodes.map(({ node }) => node).filter((node) => !names.has(node))).size + record.forgotten;
  const declined = told.map(({ node, reason, message, times, sinceSeconds, lastSeconds }) => {
    const since = formatTime(sinceSeconds);
    return { node, reason, message: message.slice(0, MESSAGE_LENGTH), times, since, last: formatTime(lastSeconds) };
  });
  return more === 0 ? { declined } : { declined, declinedMore: more };
}

function toldBefore({ declined, declinedMore }: Offers): Pick<Offers, 'declined' | 'declinedMore'> {
  return {
    ...(declined === undefined ? {} : { declined }),
    ...(declinedMore === undefined ? {} : { declinedMore }),
  };
}
