import type { Demand, MemberDemand } from '../allocator/demand.ts';
import type { DemandUnit } from '../allocator/gang-units.ts';
import { sameResources } from '../resources/vector.ts';
import type { TenantTree } from './tenant-tree.ts';

/** What of a unit is served in one turn, and what is left for later ones. */
export interface Portion {
  readonly now: DemandUnit;
  readonly rest: readonly MemberDemand[];
}

const NOBODY: readonly MemberDemand[] = [];

/** The part of the cluster that one turn may move when the app would take less as well. */
const GRAIN = 1 / 1000;

/**
 * As much of the unit as must be placed together; of members beyond that only a grain, so that an app that wants a hundred members is
 * not compared, or served, as if it wanted a hundred or none. Only members that are alike are served apart: of different ones it
 * matters who is placed first (see place-gang.ts).
 */
export function portionOf(tree: TenantTree, unit: DemandUnit): Portion {
  const { lead } = unit;
  const least = Math.max(1, lead.minMembers);
  if (unit.demands.length > 1 || lead.members.length <= least || !areAlike(lead.members))
    return { now: unit, rest: NOBODY };
  const ordered = lead.members.toSorted((a, b) => a.ordinal - b.ordinal);
  const count = Math.max(least, Math.floor(GRAIN / shareOf(tree, lead)));
  if (ordered.length <= count) return { now: unit, rest: NOBODY };
  const demand: Demand = { ...lead, members: ordered.slice(0, count) };
  return { now: { lead: demand, demands: [demand] }, rest: ordered.slice(count) };
}

/** The unit of those that are left once the portion has its places. */
export function restOf({ now, rest }: Portion, placed: Demand['placed']): DemandUnit | undefined {
  if (rest.length === 0) return undefined;
  const demand: Demand = { ...now.lead, members: rest, minMembers: 1, placed: [...now.lead.placed, ...placed] };
  return { lead: demand, demands: [demand] };
}

function areAlike(members: readonly MemberDemand[]): boolean {
  const [first] = members;
  return members.every(
    ({ requests, volumes }) =>
      volumes.length === 0 && (requests === first?.requests || sameResources(requests, first?.requests ?? {})),
  );
}

/** The dominant share of one member. */
function shareOf(tree: TenantTree, { members }: Demand): number {
  const request = tree.vectorOf(members[0]?.requests ?? {});
  let share = 1e-9;
  for (let column = 0; column < tree.columns.fairCount; column += 1) {
    share = Math.max(share, (request[column] ?? 0) / (tree.totals[column] ?? 1));
  }
  return share;
}
