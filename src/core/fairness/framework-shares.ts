import type { Tenant } from '../allocator/decision.ts';
import type { Demand } from '../allocator/demand.ts';
import { demandCharge } from '../allocator/demand-charge.ts';
import type { Resources } from '../resources/resources.ts';
import { add } from '../resources/vector.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import { capacityOf } from './fair-resources.ts';
import { type Wish, fillShares } from './fill-shares.ts';
import { type Capacity, TenantTree } from './tenant-tree.ts';
import { ROOT } from './tree-shape.ts';

/** Shares are of the whole cluster, 0..1: the largest part of any resource, weights not applied. */
export interface FrameworkShare {
  readonly name: string;
  /** Its own apps and those of frameworks below it. */
  readonly charged: Resources;
  readonly share: number;
  /** What weighted max-min would give it. */
  readonly fairShare: number;
}

/**
 * What each framework of the tree has, and what it should have. With `demands`, everybody wants what it has and what its demands ask;
 * without, everybody wants as much as there is, in the proportion of what it has (nothing yet: of the cluster). In the order of the tree.
 */
export function frameworkShares(
  view: ClusterView,
  tenants: readonly Tenant[],
  demands?: readonly Demand[],
): readonly FrameworkShare[] {
  const pending = demands === undefined ? undefined : pendingOf(view, demands);
  const charges = view.charges();
  return sharesOf(tenants, charges, capacityOf(view, charges), pending);
}

/** The same from numbers alone: `charges` and `pending` by framework. */
export function sharesOf(
  tenants: readonly Tenant[],
  charges: ReadonlyMap<string, Resources>,
  capacity: Capacity,
  pending?: ReadonlyMap<string, Resources>,
): readonly FrameworkShare[] {
  const now = new TenantTree(tenants, charges, capacity);
  const allCharged = now.columns.resources(now.charged, ROOT);
  const fair = new TenantTree(tenants, new Map(), { totals: capacity.totals, free: add(capacity.free, allCharged) });
  fillShares(fair, wishesOf(now, pending));
  return now.shape.tenants.map(({ name }, i) => ({
    name,
    charged: now.chargedTo(name),
    share: dominantOf(now, i + 1),
    fairShare: dominantOf(fair, i + 1),
  }));
}

function pendingOf(view: ClusterView, demands: readonly Demand[]): ReadonlyMap<string, Resources> {
  const pending = new Map<string, Resources>();
  for (const demand of demands) {
    pending.set(demand.framework, add(pending.get(demand.framework) ?? {}, demandCharge(view, demand)));
  }
  return pending;
}

function wishesOf(tree: TenantTree, pending: ReadonlyMap<string, Resources> | undefined): ReadonlyMap<number, Wish> {
  const wishes = new Map<number, Wish>();
  for (const [i, { name }] of tree.shape.tenants.entries()) {
    const number = i + 1;
    if ((tree.shape.children[number] ?? []).length > 0) continue;
    const has = tree.charged.slice(number * tree.stride, (number + 1) * tree.stride);
    const isIdle = has.every((amount) => amount === 0);
    if (pending === undefined) {
      wishes.set(number, { mix: isIdle ? tree.totals : has, times: Number.POSITIVE_INFINITY });
      continue;
    }
    const asked = tree.vectorOf(pending.get(name) ?? {});
    wishes.set(number, { mix: has.map((amount, column) => amount + (asked[column] ?? 0)), times: 1 });
  }
  return wishes;
}

function dominantOf(tree: TenantTree, number: number): number {
  let share = 0;
  for (let column = 0; column < tree.columns.fairCount; column += 1) {
    share = Math.max(share, (tree.charged[number * tree.stride + column] ?? 0) / (tree.totals[column] ?? 1));
  }
  return share;
}
