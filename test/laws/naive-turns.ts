// The order of turns as allocator.md words it, worked out from nothing at every turn: slow, plain, and of no use but to compare with.
import type { Tenant } from '../../src/core/allocator/decision.ts';
import type { Resources } from '../../src/core/resources/resources.ts';
import { add } from '../../src/core/resources/vector.ts';

export interface NaiveClaim {
  readonly request: Resources;
  readonly priority: number;
  readonly pendingSinceSeconds: number;
  readonly uid: string;
}

export interface NaiveWorld {
  readonly tenants: readonly Tenant[];
  readonly totals: Resources;
  /** Of leaves. */
  readonly charges: Readonly<Record<string, Resources>>;
  readonly claims: ReadonlyMap<string, NaiveClaim>;
}

interface Candidate {
  readonly leaf: string;
  readonly claim: NaiveClaim;
  readonly key: readonly (number | string)[];
}

/** The leaf whose turn it is. */
export function naiveNext(world: NaiveWorld): string | undefined {
  return first(world, undefined)?.leaf;
}

function first(world: NaiveWorld, parent: string | undefined): Candidate | undefined {
  const siblings = childrenOf(world, parent).flatMap((tenant) => candidate(world, tenant) ?? []);
  return siblings.toSorted((a, b) => compare(a.key, b.key))[0];
}

function candidate(world: NaiveWorld, tenant: Tenant): Candidate | undefined {
  const isLeaf = childrenOf(world, tenant.name).length === 0;
  const own = world.claims.get(tenant.name);
  const chosen = isLeaf ? own && { leaf: tenant.name, claim: own } : first(world, tenant.name);
  if (chosen === undefined) return undefined;
  const { leaf, claim } = chosen;
  const { borrows, shares } = standing(world, tenant, { request: claim.request, isLeaf });
  const ties = [-claim.priority, claim.pendingSinceSeconds, claim.uid, tenant.name];
  return { leaf, claim, key: [borrows ? 1 : 0, ...shares, ...ties] };
}

function standing(
  world: NaiveWorld,
  tenant: Tenant,
  { request, isLeaf }: { request: Resources; isLeaf: boolean },
): { borrows: boolean; shares: readonly number[] } {
  const names = Object.keys(world.totals);
  const promised = guaranteeOf(world, tenant);
  const then = add(chargeOf(world, tenant), request);
  const asked = (name: string): boolean => (request[name] ?? 0) > 0;
  const borrows = names.some((name) => asked(name) && (then[name] ?? 0) > (promised[name] ?? 0));
  const shares = names.map((name) => {
    if (!isLeaf && !asked(name)) return 0;
    const [has, own] = [then[name] ?? 0, promised[name] ?? 0];
    if (!borrows) return own > 0 ? has / own : 0;
    return Math.max(0, has - own) / (lendable(world, name) * tenant.weight);
  });
  return { borrows, shares: shares.toSorted((a, b) => b - a) };
}

function lendable(world: NaiveWorld, name: string): number {
  const total = world.totals[name] ?? 0;
  const kept = keptBelow(world, undefined, name);
  return total > kept ? total - kept : total;
}

function keptBelow(world: NaiveWorld, parent: string | undefined, name: string): number {
  let sum = 0;
  for (const tenant of childrenOf(world, parent)) {
    const lent = tenant.lendingLimit[name];
    const own = lent === undefined ? 0 : Math.max(0, (tenant.guarantee[name] ?? 0) - lent);
    sum += Math.max(own, keptBelow(world, tenant.name, name));
  }
  return sum;
}

function guaranteeOf(world: NaiveWorld, tenant: Tenant): Resources {
  let below: Resources = {};
  for (const child of childrenOf(world, tenant.name)) below = add(below, guaranteeOf(world, child));
  return { ...below, ...tenant.guarantee };
}

function chargeOf(world: NaiveWorld, tenant: Tenant): Resources {
  let sum = world.charges[tenant.name] ?? {};
  for (const child of childrenOf(world, tenant.name)) sum = add(sum, chargeOf(world, child));
  return sum;
}

function childrenOf({ tenants }: NaiveWorld, parent: string | undefined): readonly Tenant[] {
  return tenants.filter((tenant) => tenant.parent === parent);
}

function compare(left: readonly (number | string)[], right: readonly (number | string)[]): number {
  for (const [i, a] of left.entries()) {
    const b = right[i] ?? '';
    if (a !== b) return a < b ? -1 : 1;
  }
  return 0;
}
