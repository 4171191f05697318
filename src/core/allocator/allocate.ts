import { dominantShare, fairTotals } from '../fairness/fair-resources.ts';
import { TenantCharges } from '../fairness/tenant-charges.ts';
import { TurnOrder } from '../fairness/turn-order.ts';
import { add } from '../resources/vector.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import type { Decision, Tenant } from './decision.ts';
import type { Demand } from './demand.ts';
import { demandCharge } from './demand-charge.ts';
import { DemandServer } from './serve-demand.ts';

/** The demands of one tenant that wait, the first to be served last in the array. */
interface Queue {
  readonly tenant: string;
  readonly weight: number;
  readonly waiting: Demand[];
}

/**
 * Answers every demand once, in the order they were served. Weighted dominant-resource order over the tenants: at each turn the tenant
 * is next whose dominant share, with its next demand added, is smallest for its weight. A tenant's own demands go by priority, then
 * waiting time. A demand that finds no place is declined and holds up nobody. The view is not changed; `now` is epoch seconds.
 */
export function allocate(
  view: ClusterView,
  tenants: readonly Tenant[],
  demands: readonly Demand[],
  now: number,
): readonly Decision[] {
  if (demands.length === 0) return [];
  const charges = new TenantCharges(tenants, view.charges());
  const totals = fairTotals(view);
  const server = new DemandServer(view, charges, now);
  const turns = new TurnOrder<Queue>();
  const decisions: Decision[] = [];
  const enter = (queue: Queue): void => {
    const demand = queue.waiting.at(-1);
    if (demand === undefined) return;
    const charged = add(charges.charged(queue.tenant), demandCharge(view, demand));
    turns.add({
      share: dominantShare(charged, totals) / queue.weight,
      priority: demand.priority,
      pendingSinceSeconds: demand.pendingSinceSeconds,
      name: queue.tenant,
      item: queue,
    });
  };
  for (const queue of queuesOf(demands, charges)) enter(queue);
  for (let queue = turns.next(); queue !== undefined; queue = turns.next()) {
    const demand = queue.waiting.pop();
    if (demand !== undefined) decisions.push(server.serve(demand));
    enter(queue);
  }
  return decisions;
}

function queuesOf(demands: readonly Demand[], charges: TenantCharges): readonly Queue[] {
  const queues = new Map<string, Queue>();
  for (const demand of demands.toSorted(servedLater)) {
    const known = queues.get(demand.framework);
    const weight = Math.max(1e-9, charges.tenant(demand.framework)?.weight ?? 1);
    const queue = known ?? { tenant: demand.framework, weight, waiting: [] };
    queue.waiting.push(demand);
    queues.set(demand.framework, queue);
  }
  return [...queues.values()];
}

function servedLater(a: Demand, b: Demand): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  if (a.pendingSinceSeconds !== b.pendingSinceSeconds) return b.pendingSinceSeconds - a.pendingSinceSeconds;
  return nameOf(a) < nameOf(b) ? 1 : -1;
}

function nameOf({ app }: Demand): string {
  return `${app.namespace}/${app.name}/${app.uid}`;
}
