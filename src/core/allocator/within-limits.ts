import type { TenantCharges } from '../fairness/tenant-charges.ts';
import type { Resources } from '../resources/resources.ts';
import { add } from '../resources/vector.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import type { Decline } from './decision.ts';
import { declined } from './declined-unit.ts';
import type { Demand, MemberDemand } from './demand.ts';
import { memberCharge } from './demand-charge.ts';
import type { DemandUnit } from './gang-units.ts';

/** Which demand of the unit its tenants may not have, and the words for it. */
export interface OverLimit {
  readonly app: number;
  readonly decline: Decline;
}

/** Members by ordinal, with what each would add to its tenant. */
interface Priced {
  readonly member: MemberDemand;
  readonly charge: Resources;
}

/**
 * For each demand of the unit the lowest ordinals that its tenants' limits and others' guarantees leave room for: first those of all demands that must start,
 * then others. The charges are as before when it returns.
 */
export function membersWithinLimits(
  view: ClusterView,
  charges: TenantCharges,
  { demands }: DemandUnit,
): readonly (readonly MemberDemand[])[] | OverLimit {
  const priced = demands.map((demand) => price(view, demand));
  const [only, ...others] = demands;
  // The frequent case: nobody else's charge is to be counted in.
  if (only !== undefined && others.length === 0) return oneWithinLimits(charges, only, priced[0] ?? []);
  const taken: { readonly framework: string; readonly charge: Resources }[] = [];
  const take = (framework: string, charge: Resources): void => {
    charges.charge(framework, charge);
    taken.push({ framework, charge });
  };
  try {
    for (const [app, demand] of demands.entries()) {
      const required = (priced[app] ?? []).slice(0, leastOf(demand));
      const decline = overLimit(charges, demand, required);
      if (decline !== undefined) return { app, decline };
      take(demand.framework, sumOf(required));
    }
    return demands.map((demand, app) => {
      const all = priced[app] ?? [];
      const more = all.slice(leastOf(demand));
      const allowed = more.slice(0, roomFor(charges, demand.framework, more));
      take(demand.framework, sumOf(allowed));
      return [...all.slice(0, leastOf(demand)), ...allowed].map(({ member }) => member);
    });
  } finally {
    for (const { framework, charge } of taken) charges.uncharge(framework, charge);
  }
}

function oneWithinLimits(
  charges: TenantCharges,
  demand: Demand,
  priced: readonly Priced[],
): readonly (readonly MemberDemand[])[] | OverLimit {
  const room = roomFor(charges, demand.framework, priced);
  if (room >= leastOf(demand)) return [priced.slice(0, room).map(({ member }) => member)];
  const required = priced.slice(0, leastOf(demand));
  const words = `framework ${demand.framework} is at its limit`;
  return { app: 0, decline: overLimit(charges, demand, required) ?? declined(demand, 'FrameworkLimit', words) };
}

function overLimit(charges: TenantCharges, demand: Demand, required: readonly Priced[]): Decline | undefined {
  const problem = charges.refusal(demand.framework, sumOf(required));
  if (problem === undefined) return undefined;
  const allowed = roomFor(charges, demand.framework, required);
  const room =
    allowed > 0 ? ` (${allowed} of the ${leastOf(demand)} members that must start together would be within it)` : '';
  return declined(demand, problem.reason, `${problem.message}${room}`);
}

/** How many of the first ones may be charged. */
function roomFor(charges: TenantCharges, framework: string, priced: readonly Priced[]): number {
  let total: Resources = {};
  for (const [count, { charge }] of priced.entries()) {
    total = add(total, charge);
    if (charges.refusal(framework, total) !== undefined) return count;
  }
  return priced.length;
}

function price(view: ClusterView, { app, members }: Demand): readonly Priced[] {
  return members
    .toSorted((a, b) => a.ordinal - b.ordinal)
    .map((member) => ({ member, charge: memberCharge(view, app, member) }));
}

function sumOf(priced: readonly Priced[]): Resources {
  return priced.reduce<Resources>((sum, { charge }) => add(sum, charge), {});
}

function leastOf({ minMembers }: Demand): number {
  return Math.max(1, minMembers);
}
