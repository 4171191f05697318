import type { Reason } from '../../api/reasons.ts';
import type { AppPlacement } from '../placement/app-placement.ts';
import type { MemberNeed } from '../placement/member-need.ts';
import type { PlacedMember } from '../placement/place-gang.ts';
import { declined } from './declined-unit.ts';
import type { Answer, Pending } from './level-two.ts';

/** An offer taken up for one member, by whoever decides outside this program: `generation` is the offer's. */
export interface Acceptance {
  readonly member: string;
  readonly node: string;
  readonly generation: number;
}

interface Problem {
  readonly reason: Reason;
  readonly message: string;
}

/**
 * Puts accepted members on the scratch, if nothing changed on their nodes since they were offered (OfferStale otherwise) and every stage
 * passes: what a framework accepts is never believed to fit. All of them, or a decline for the first that may not; the caller takes
 * back what that left on the scratch.
 */
export function takeUp(placement: AppPlacement, pending: Pending, accepted: readonly Acceptance[]): Answer {
  const placed: PlacedMember[] = [];
  const least = Math.max(1, pending.minMembers);
  const decline = (member: string, { reason, message }: Problem): Answer => {
    const words = `${member}: ${message}`;
    const beside = placed.length;
    return { kind: 'decline', app: 0, member, beside, decline: declined(pending.demand, reason, words) };
  };
  for (const acceptance of accepted) {
    const need = pending.needs.find(({ demand }) => demand.member === acceptance.member);
    if (need === undefined) return decline(acceptance.member, NOT_WAITING);
    const row = pending.offers.run.view.nodeTable.rowOf(acceptance.node);
    const problem = stale(pending, acceptance) ?? firstRefusal(placement, need, row ?? -1);
    if (row === undefined || problem !== undefined) return decline(acceptance.member, problem ?? NOT_WAITING);
    placement.put(need, row);
    placed.push({ need, row });
  }
  if (placed.length >= least) return { kind: 'accept', placed: [placed] };
  const message = `${placed.length} of the ${least} members that must start together were accepted`;
  const member = pending.needs.find((need) => !placed.some((one) => one.need === need))?.demand.member ?? '';
  return { kind: 'decline', app: 0, member, beside: 0, decline: declined(pending.demand, 'GangIncomplete', message) };
}

const NOT_WAITING: Problem = {
  reason: 'OfferStale',
  message: 'it waits for no place any more: wait for the next offers',
};

/** Compare-and-swap on the node: what was offered is gone when anything changed there. */
function stale({ offers }: Pending, { node, generation }: Acceptance): Problem | undefined {
  const now = offers.of(node)?.generation;
  if (now === generation) return undefined;
  const what =
    now === undefined
      ? `${node} is gone`
      : `${node} changed since it was offered (generation ${generation}, now ${now})`;
  return { reason: 'OfferStale', message: `${what}: wait for the next offers` };
}

function firstRefusal(placement: AppPlacement, need: MemberNeed, row: number): Problem | undefined {
  const problems: Problem[] = [];
  placement.tell(row, need, (reason, message) => problems.push({ reason, message: message() }));
  return problems[0];
}
