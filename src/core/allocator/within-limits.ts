import type { TenantCharges } from '../fairness/tenant-charges.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import type { Decline } from './decision.ts';
import { declined } from './declined-unit.ts';
import type { Demand, MemberDemand } from './demand.ts';
import { memberRequest, sumOfRequests } from './demand-charge.ts';
import type { DemandUnit } from './gang-units.ts';

/** Which demand of the unit its tenants may not have, and the words for it. */
export interface OverLimit {
  readonly app: number;
  readonly decline: Decline;
}

/** Members by ordinal, with what each would add to its tenant by column. */
interface Priced {
  readonly member: MemberDemand;
  readonly request: Float64Array;
}

/** A demand of the unit, and the tenant that it is charged to. */
interface PricedDemand {
  readonly demand: Demand;
  readonly leaf: number;
  readonly least: number;
  readonly priced: readonly Priced[];
}

/**
 * For each demand of the unit the lowest ordinals that its tenants' limits and others' guarantees leave room for: first those of all
 * demands that must start, then others. All its frameworks are leaves of the tree. The charges are as before when it returns.
 */
export function membersWithinLimits(
  view: ClusterView,
  charges: TenantCharges,
  { demands }: DemandUnit,
): readonly (readonly MemberDemand[])[] | OverLimit {
  if (isAllowedAlone(view, charges, demands)) return demands.map(({ members }) => members);
  const all = demands.map((demand) => price(view, charges, demand));
  const [only] = all;
  // The frequent case: nobody else's charge is to be counted in.
  if (only !== undefined && all.length === 1) return oneWithinLimits(charges, only);
  const taken: { readonly leaf: number; readonly request: Float64Array }[] = [];
  const take = (leaf: number, request: Float64Array): void => {
    charges.chargeVector(leaf, request);
    taken.push({ leaf, request });
  };
  try {
    for (const [app, asked] of all.entries()) {
      const required = asked.priced.slice(0, asked.least);
      const decline = overLimit(charges, asked, required);
      if (decline !== undefined) return { app, decline };
      take(asked.leaf, sumOf(charges, required));
    }
    return all.map(({ leaf, least, priced }) => {
      const more = priced.slice(least);
      const allowed = more.slice(0, roomFor(charges, leaf, more));
      take(leaf, sumOf(charges, allowed));
      return [...priced.slice(0, least), ...allowed].map(({ member }) => member);
    });
  } finally {
    for (const { leaf, request } of taken)
      charges.chargeVector(
        leaf,
        request.map((amount) => -amount),
      );
  }
}

/** The frequent case: one member asks, and it may have what it asks for. */
function isAllowedAlone(view: ClusterView, charges: TenantCharges, [only, ...others]: readonly Demand[]): boolean {
  if (only === undefined || others.length > 0 || only.minMembers > 1) return false;
  const [member, ...more] = only.members;
  if (member === undefined || more.length > 0) return false;
  const request = memberRequest(view, charges.columns, only.app, member);
  return charges.refusalOf(charges.leafOf(only.framework) ?? 0, request) === undefined;
}

function oneWithinLimits(
  charges: TenantCharges,
  asked: PricedDemand,
): readonly (readonly MemberDemand[])[] | OverLimit {
  const { demand, leaf, least, priced } = asked;
  const room = roomFor(charges, leaf, priced);
  if (room >= least) return [priced.slice(0, room).map(({ member }) => member)];
  const words = `framework ${demand.framework} is at its limit`;
  const decline = overLimit(charges, asked, priced.slice(0, least));
  return { app: 0, decline: decline ?? declined(demand, 'FrameworkLimit', words) };
}

function overLimit(
  charges: TenantCharges,
  { demand, leaf, least }: PricedDemand,
  required: readonly Priced[],
): Decline | undefined {
  const problem = charges.refusalOf(leaf, sumOf(charges, required));
  if (problem === undefined) return undefined;
  const allowed = roomFor(charges, leaf, required);
  const room = allowed > 0 ? ` (${allowed} of the ${least} members that must start together would be within it)` : '';
  return declined(demand, problem.reason, `${problem.message}${room}`);
}

/** How many of the first ones may be charged. */
function roomFor(charges: TenantCharges, leaf: number, priced: readonly Priced[]): number {
  let total: Float64Array | undefined;
  for (let count = 0; count < priced.length; count += 1) {
    const request = priced[count]?.request ?? NO_REQUEST;
    total = total === undefined ? request : sumOfRequests(charges.columns, [total, request]);
    if (charges.refusalOf(leaf, total) !== undefined) return count;
  }
  return priced.length;
}

const NO_REQUEST = new Float64Array();

function price(view: ClusterView, charges: TenantCharges, demand: Demand): PricedDemand {
  const { app, framework, members, minMembers } = demand;
  const ordered = members.length === 1 ? members : members.toSorted((a, b) => a.ordinal - b.ordinal);
  return {
    demand,
    leaf: charges.leafOf(framework) ?? 0,
    least: Math.max(1, minMembers),
    priced: ordered.map((member) => ({ member, request: memberRequest(view, charges.columns, app, member) })),
  };
}

function sumOf({ columns }: TenantCharges, priced: readonly Priced[]): Float64Array {
  return sumOfRequests(
    columns,
    priced.map(({ request }) => request),
  );
}
