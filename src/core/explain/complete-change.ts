import { allocate } from '../allocator/allocate.ts';
import type { Decision, Tenant } from '../allocator/decision.ts';
import type { Demand } from '../allocator/demand.ts';
import { memberCharge } from '../allocator/demand-charge.ts';
import type { Resources } from '../resources/resources.ts';
import { add } from '../resources/vector.ts';
import type { LoadedCluster } from '../view/load-objects.ts';
import { applyChanges, withLimits } from './apply-changes.ts';
import { type Change, addedUp } from './change.ts';
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
  const changes: Change[] = [];
  const undo: Undo[] = [];
  let proven = false;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const tenants = withLimits(market.tenants, changes);
    const decision = decisionFor(demand, allocate(cluster.view, tenants, market.demands, market.now));
    proven = decision?.kind === 'accept';
    const more =
      decision === undefined || decision.kind === 'accept' ? [] : changesFor(cluster, decision, demand, tenants);
    if (more.length === 0) break;
    changes.push(...more);
    const applied = applyChanges(cluster, more);
    if (applied === undefined) break;
    undo.push(applied);
  }
  for (const one of undo.toReversed()) one();
  return changes.length === 0 ? undefined : { changes: addedUp(changes), proven };
}

export function decisionFor({ app }: Demand, decisions: readonly Decision[]): Decision | undefined {
  return decisions.find((decision) => decision.app.uid === app.uid);
}

function changesFor(
  { view }: LoadedCluster,
  decline: Extract<Decision, { kind: 'decline' }>,
  demand: Demand,
  tenants: readonly Tenant[],
): readonly Change[] {
  if (decline.reason !== 'FrameworkLimit') return decline.changes ?? [];
  let asked: Resources = {};
  const least = Math.max(1, demand.minMembers);
  for (const member of demand.members.toSorted((a, b) => a.ordinal - b.ordinal).slice(0, least)) {
    asked = add(asked, memberCharge(view, demand.app, member));
  }
  return limitChanges(demand.framework, asked, tenants, view.charges());
}

/** How much higher the limits of the framework and of those above it must be for this to be within them. */
export function limitChanges(
  framework: string,
  asked: Resources,
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
  return line(framework).flatMap((tenant) => {
    let charged: Resources = {};
    for (const [name, amount] of charges) if (line(name).includes(tenant)) charged = add(charged, amount);
    return Object.entries(tenant.limit).flatMap(([resource, limit]): readonly Change[] => {
      const wanted = asked[resource] ?? 0;
      const amount = (charged[resource] ?? 0) + wanted - limit;
      return wanted > 0 && amount > 0 ? [{ kind: 'limit', framework: tenant.name, resource, amount }] : [];
    });
  });
}
