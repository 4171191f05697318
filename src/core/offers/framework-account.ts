import type { Tenant } from '../allocator/decision.ts';
import type { Demand } from '../allocator/demand.ts';
import { frameworkShares } from '../fairness/framework-shares.ts';
import type { Resources } from '../resources/resources.ts';
import { add } from '../resources/vector.ts';
import type { ClusterView } from '../view/cluster-view.ts';

/** What a framework has, may have, and asks for. Amounts as in Resources. */
export interface FrameworkAccount {
  readonly name: string;
  readonly parent: string | undefined;
  readonly weight: number;
  /** Of itself and all below it: slots and pods, pool bytes and attach slots. */
  readonly charged: Resources;
  /** Its largest part of any resource of the cluster, 0..1. */
  readonly share: number;
  /** What weighted max-min would give it, with what everybody has and asks for. */
  readonly fairShare: number;
  readonly guarantee: Resources;
  readonly limit: Resources;
  /** What its own limit and those above it leave; a resource that is not in it has no limit. */
  readonly headroom: Resources;
  readonly waitingApps: number;
}

/** The account of every framework, by name. */
export function frameworkAccounts(
  view: ClusterView,
  tenants: readonly Tenant[],
  demands: readonly Demand[],
): readonly FrameworkAccount[] {
  const byName = new Map(tenants.map((tenant) => [tenant.name, tenant]));
  const shares = new Map(frameworkShares(view, tenants, demands).map((share) => [share.name, share]));
  const charged = new Map<string, Resources>();
  for (const [name, amount] of view.charges()) {
    for (const above of lineOf(name, byName)) charged.set(above.name, add(charged.get(above.name) ?? {}, amount));
  }
  const waiting = new Map<string, number>();
  for (const { framework } of demands) {
    for (const { name } of lineOf(framework, byName)) waiting.set(name, (waiting.get(name) ?? 0) + 1);
  }
  return tenants
    .map((tenant) => ({
      name: tenant.name,
      parent: tenant.parent,
      weight: tenant.weight,
      charged: charged.get(tenant.name) ?? {},
      share: shares.get(tenant.name)?.share ?? 0,
      fairShare: shares.get(tenant.name)?.fairShare ?? 0,
      guarantee: tenant.guarantee,
      limit: tenant.limit,
      headroom: headroomOf(lineOf(tenant.name, byName), charged),
      waitingApps: waiting.get(tenant.name) ?? 0,
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The tenant and those above it. A parent that is missing, or that comes round again, ends the line. */
function lineOf(name: string, tenants: ReadonlyMap<string, Tenant>): readonly Tenant[] {
  const line: Tenant[] = [];
  let tenant = tenants.get(name);
  while (tenant !== undefined && !line.includes(tenant)) {
    line.push(tenant);
    tenant = tenant.parent === undefined ? undefined : tenants.get(tenant.parent);
  }
  return line;
}

function headroomOf(line: readonly Tenant[], charged: ReadonlyMap<string, Resources>): Resources {
  const room: Record<string, number> = {};
  for (const { name, limit } of line) {
    for (const resource of Object.keys(limit)) {
      const left = Math.max(0, (limit[resource] ?? 0) - (charged.get(name)?.[resource] ?? 0));
      room[resource] = Math.min(room[resource] ?? left, left);
    }
  }
  return room;
}
