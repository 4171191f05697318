import type { Reason } from '../../api/reasons.ts';
import type { Decline } from './decision.ts';
import type { Demand } from './demand.ts';
import type { DemandUnit } from './gang-units.ts';
import type { Pending, Refused } from './level-two.ts';
import { wantsNodes } from './wants-nodes.ts';

/** Why a unit found no place: which demand and which of its members stood in the way, and how many fitted beside it. */
export interface BlockedUnit {
  readonly app: number;
  /** Among the demand's members that were tried, by ordinal. */
  readonly index: number;
  /** That member; empty: none was tried. */
  readonly member: string;
  readonly beside: number;
  readonly decline: Decline;
}

/** A decline that counts no nodes: none was looked at. */
export function declined({ app }: Demand, reason: Reason, message: string): Decline {
  return { kind: 'decline', app, reason, message, nodesByReason: {}, refusals: [] };
}

export function blockedBy({ app, member, beside, decline }: Refused, pending: readonly Pending[]): BlockedUnit {
  const index = pending[app]?.needs.findIndex(({ demand }) => demand.member === member) ?? -1;
  return { app, index, member, beside, decline };
}

/** One decline for each demand: the one that stood in the way says why, the others for whom they wait. */
export function declineUnit({ demands }: DemandUnit, blocked: BlockedUnit): readonly Decline[] {
  const guilty = demands[blocked.app];
  if (guilty === undefined) throw new Error(`no demand ${blocked.app} in the unit`);
  const own = declineOf(guilty, demands, blocked);
  return demands.map((demand) => (demand === guilty ? own : declineBeside(demand, guilty, own)));
}

function declineOf(guilty: Demand, demands: readonly Demand[], { member, beside, decline }: BlockedUnit): Decline {
  const own = decline.app === guilty.app ? decline : { ...decline, app: guilty.app };
  if (beside === 0) return own;
  const all = demands.reduce((sum, { minMembers }) => sum + Math.max(1, minMembers), 0);
  const message = `${beside} of the ${all} members that must start together fit; then ${member}: ${decline.message}`;
  return { ...own, reason: 'GangIncomplete', message, ...(wantsNodes(decline) ? {} : { wantsNodes: false as const }) };
}

function declineBeside({ app }: Demand, guilty: Demand, own: Decline): Decline {
  const message = `${app.name} starts together with ${guilty.app.name}, which waits: ${own.message}`;
  return { ...own, app, reason: 'GangIncomplete', message, ...(wantsNodes(own) ? {} : { wantsNodes: false as const }) };
}
