import { allocate } from '../allocator/allocate.ts';
import type { Reason } from '../../api/reasons.ts';
import type { Decision, Decline, Tenant } from '../allocator/decision.ts';
import type { Demand } from '../allocator/demand.ts';
import { demandUnits } from '../allocator/gang-units.ts';
import { memberCharge } from '../allocator/demand-charge.ts';
import type { Resources } from '../resources/resources.ts';
import { add } from '../resources/vector.ts';
import type { LoadedCluster } from '../view/load-objects.ts';
import { applyChanges, withLimits } from './apply-changes.ts';
import { type Change, addedUp } from './change.ts';
import { lendingChanges } from './lending-change.ts';
import type { Undo } from './node-copies.ts';

/** What would make an app fit. `proven`: it was tried, those ahead in the queue being served first. */
export interface CompleteChange {
  readonly changes: readonly Change[];
  readonly proven: boolean;
}

/** All demands and who makes them. */
export interface Market {
  readonly tenants: readonly Tenant[];
  readonly demands: readonly Demand[];
  /** Epoch seconds. */
  readonly now: number;
}

/** So often the answer to a change may be that more is needed: others ahead took what it gave, or a limit stood behind it. */
const MOST_ROUNDS = 6;

/**
 * The smallest change for an app that was declined, tried on the cluster as it was loaded: where it is not enough (others are ahead),
 * what is still lacking is added. The cluster is as before when it returns. Undefined: no change is known.
 */
export function completeChange(cluster: LoadedCluster, market: Market, demand: Demand): CompleteChange | undefined {
  const unit = demandUnits(market.demands).find(({ demands }) => demands.includes(demand))?.demands ?? [demand];
  const changes: Change[] = [];
  const undo: Undo[] = [];
  let proven = false;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const tenants = withLimits(market.tenants, changes);
    const decisions = allocate(cluster.view, tenants, market.demands, market.now);
    const decision = decisionFor(demand, decisions);
    proven = decision?.kind === 'accept';
    const more =
      decision === undefined || decision.kind === 'accept'
        ? []
        : withAccepted(cluster.view, aheadOf(unit, decisions), market.demands, () =>
            changesFor(cluster, decision, { unit, decisions, tenants }),
          );
    if (more.length === 0) break;
    changes.push(...more);
    const applied = applyChanges(cluster, more);
    if (applied === undefined) break;
    undo.push(applied);
  }
  for (const one of undo.toReversed()) one();
  return changes.length === 0 ? undefined : { changes: addedUp(changes), proven };
}

type Accepted = Extract<Decision, { kind: 'accept' }>;

/** What was accepted before it was the unit's turn. */
function aheadOf(unit: readonly Demand[], decisions: readonly Decision[]): readonly Accepted[] {
  const own = decisions.findIndex(({ app }) => unit.some((demand) => demand.app.uid === app.uid));
  return decisions.slice(0, own).filter((decision) => decision.kind === 'accept');
}

/** What `ask` answers while that counts as taken: limits, and what is free, are as they were at the turn. */
function withAccepted<T>(
  view: LoadedCluster['view'],
  ahead: readonly Accepted[],
  demands: readonly Demand[],
  ask: () => T,
): T {
  const frameworkOf = new Map(demands.map(({ app, framework }) => [app.uid, framework]));
  for (const { app, slots } of ahead) view.assume(app, slots, frameworkOf.get(app.uid) ?? '');
  const answer = ask();
  for (const { app } of ahead) view.forget(app);
  return answer;
}

export function decisionFor({ app }: Demand, decisions: readonly Decision[]): Decision | undefined {
  return decisions.find((decision) => decision.app.uid === app.uid);
}

/** Those that are served together with the one that was declined, and what was said to all. */
interface Declined {
  readonly unit: readonly Demand[];
  readonly decisions: readonly Decision[];
  readonly tenants: readonly Tenant[];
}

/** Where any of a gang is kept back by a limit, or by what others do not lend, all of it waits for that. */
function changesFor(
  { view }: LoadedCluster,
  decline: Decline,
  { unit, decisions, tenants }: Declined,
): readonly Change[] {
  const isFor = (reason: Reason): boolean =>
    unit.some((demand) => {
      const decision = decisionFor(demand, decisions);
      return decision?.kind === 'decline' && decision.reason === reason;
    });
  const isLimited = isFor('FrameworkLimit');
  if (!isLimited && !isFor('FrameworkGuarantee')) return decline.changes ?? [];
  const asked = new Map<string, Resources>();
  for (const { app, framework, members, minMembers } of unit) {
    const least = members.toSorted((a, b) => a.ordinal - b.ordinal).slice(0, Math.max(1, minMembers));
    for (const member of least) asked.set(framework, add(asked.get(framework) ?? {}, memberCharge(view, app, member)));
  }
  return isLimited ? limitChanges(asked, tenants, view.charges()) : lendingChanges(asked, tenants, view);
}

/** How much higher the limits of these frameworks and of those above them must be for what is asked, by framework, to be within them. */
function limitChanges(
  asked: ReadonlyMap<string, Resources>,
  tenants: readonly Tenant[],
  charges: ReadonlyMap<string, Resources>,
): readonly Change[] {
  const byName = new Map(tenants.map((tenant) => [tenant.name, tenant]));
  const line = (name: string): readonly Tenant[] => {
    const found: Tenant[] = [];
    for (let one = byName.get(name); one !== undefined && !found.includes(one); one = byName.get(one.parent ?? '')) {
      found.push(one);
    }
    return found;
  };
  const below = (tenant: Tenant, amounts: ReadonlyMap<string, Resources>): Resources => {
    let sum: Resources = {};
    for (const [name, amount] of amounts) if (line(name).includes(tenant)) sum = add(sum, amount);
    return sum;
  };
  const all = new Set([...asked.keys()].flatMap(line));
  return [...all].flatMap((tenant) => {
    const [charged, wanted] = [below(tenant, charges), below(tenant, asked)];
    return Object.entries(tenant.limit).flatMap(([resource, limit]): readonly Change[] => {
      const more = wanted[resource] ?? 0;
      const amount = (charged[resource] ?? 0) + more - limit;
      return more > 0 && amount > 0 ? [{ kind: 'limit', framework: tenant.name, resource, amount }] : [];
    });
  });
}
