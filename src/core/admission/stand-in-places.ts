import type { PersistentApp } from '../../api/persistent-app.ts';
import type { Framework } from '../../api/framework.ts';
import type { Tenant } from '../allocator/decision.ts';
import type { Demand } from '../allocator/demand.ts';
import { placementOf } from '../allocator/level-two-built-in.ts';
import { Offers } from '../allocator/level-two.ts';
import { membersWithinLimits } from '../allocator/within-limits.ts';
import { ordinalOf } from '../app/member-name.ts';
import { placementRules } from '../app/placement-rules.ts';
import type { HeldSlot } from '../facts/held-slot.ts';
import { capacityOf } from '../fairness/fair-resources.ts';
import { TenantTree } from '../fairness/tenant-tree.ts';
import type { AppPlacement } from '../placement/app-placement.ts';
import { type MemberNeed, memberNeed } from '../placement/member-need.ts';
import { PlacementEngine } from '../placement/placement-engine.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import { MOST } from './prioritize.ts';
import type { StandIn } from './stand-in.ts';

/** A member that looks for a place, as a demand; the same that the operator would make, but for what kube-scheduler checks itself. */
export interface Looking {
  readonly app: PersistentApp;
  readonly framework: Framework | undefined;
  readonly held: HeldSlot;
  /** Where the other members are. */
  readonly placed: Demand['placed'];
  /** Epoch seconds. */
  readonly now: number;
}

/**
 * The nodes that the allocator would choose from, in its order, as many as there are scores. Volumes and other pods' affinity are not
 * looked at: the member has its claims already, and kube-scheduler asks only about nodes that passed its own checks of them.
 */
export function standInPlaces(view: ClusterView, tenants: readonly Tenant[], looking: Looking): StandIn {
  const demand = demandOf(looking);
  const refusal = refusedByTenant(view, tenants, demand);
  if (refusal !== undefined) return { nodes: [], message: refusal };
  const engine = new PlacementEngine(view, looking.now);
  const needs = demand.members.map((member) => memberNeed(view, demand, member));
  const placement = placementOf(engine, {
    demand,
    needs,
    minMembers: 1,
    offers: new Offers(demand.framework, engine.run),
  });
  const nodes = needs.flatMap((need) => bestNames(placement, need, engine));
  return { nodes, message: nodes.length === 0 ? 'no other node would do for it' : '' };
}

function demandOf({ app, framework, held, placed, now }: Looking): Demand {
  const { namespace, name, uid } = app.metadata;
  const { member } = held.slot;
  return {
    app: { namespace, name, uid },
    framework: app.spec.framework,
    priority: 0,
    pendingSinceSeconds: now,
    members: [
      { member, ordinal: ordinalOf(name, member) ?? 0, requests: held.resources, volumes: [], previousNode: '' },
    ],
    minMembers: 1,
    rules: placementRules({ app, framework }),
    placed,
  };
}

function refusedByTenant(view: ClusterView, tenants: readonly Tenant[], demand: Demand): string | undefined {
  const charges = view.charges();
  const tree = new TenantTree(tenants, charges, capacityOf(view, charges));
  const problem = tree.problemOf(demand.framework);
  if (problem !== undefined) return problem.message;
  const allowed = membersWithinLimits(view, tree, { lead: demand, demands: [demand] });
  return 'decline' in allowed ? allowed.decline.message : undefined;
}

function bestNames(placement: AppPlacement, need: MemberNeed, { run }: PlacementEngine): readonly string[] {
  run.scratch.lift(need.id, need.claims);
  const rows = new Set<number>();
  while (rows.size < MOST) {
    const row = placement.best(need, (candidate) => rows.has(candidate));
    if (row === undefined) break;
    rows.add(row);
  }
  return Array.from(rows, (row) => run.view.nodeTable.names[row] ?? '');
}
