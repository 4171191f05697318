import type { Reason } from '../../api/reasons.ts';
import type { Tenant } from '../allocator/decision.ts';

/** What is wrong with a tenant, in a word of api/reasons.ts and a sentence with names and numbers. */
export interface TenantProblem {
  readonly reason: Reason;
  readonly message: string;
}

/** The root of every tree; it stands for the cluster and is nobody's Framework. */
export const ROOT = 0;

/**
 * Who is below whom, by number: 0 is the root, `tenants[i]` is number i + 1, and parents come before their children. `outside` are the
 * tenants that hang on no root: their parents are missing or form a circle.
 */
export interface TreeShape {
  readonly tenants: readonly Tenant[];
  /** By number; −1 for the root. */
  readonly parents: Int32Array;
  readonly children: readonly (readonly number[])[];
  readonly outside: ReadonlyMap<string, TenantProblem>;
}

/** Orders tenants into a tree. Never throws: what cannot be placed is named in `outside`. The order of the tenants does not matter. */
export function treeShape(given: readonly Tenant[]): TreeShape {
  const byName = new Map(given.map((tenant) => [tenant.name, tenant]));
  const below = new Map<string | undefined, Tenant[]>();
  for (const tenant of [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const siblings = below.get(tenant.parent) ?? [];
    siblings.push(tenant);
    below.set(tenant.parent, siblings);
  }
  const tenants: Tenant[] = [];
  const parents = [-1];
  const children: number[][] = [[]];
  const add = (parent: number, name: string | undefined): void => {
    for (const tenant of below.get(name) ?? []) {
      children[parent]?.push(tenants.push(tenant));
      parents.push(parent);
      children.push([]);
    }
  };
  add(ROOT, undefined);
  for (let number = 1; number <= tenants.length; number += 1) add(number, tenants[number - 1]?.name);
  const inside = new Set(tenants.map(({ name }) => name));
  const outside = [...byName.values()].filter(({ name }) => !inside.has(name));
  return {
    tenants,
    parents: Int32Array.from(parents),
    children,
    outside: new Map(outside.map((tenant) => [tenant.name, whyOutside(tenant, byName)])),
  };
}

/** Follows the parents until one is missing or comes round again. */
function whyOutside(tenant: Tenant, byName: ReadonlyMap<string, Tenant>): TenantProblem {
  const line: string[] = [];
  let at: Tenant | undefined = tenant;
  while (at !== undefined && !line.includes(at.name)) {
    line.push(at.name);
    const above: string | undefined = at.parent;
    if (above !== undefined && !byName.has(above)) return missing(tenant.name, at.name, above);
    at = above === undefined ? undefined : byName.get(above);
  }
  const circle = line.slice(line.indexOf(at?.name ?? ''));
  const shown = [...circle, circle[0]].join(' → ');
  const advice = 'make one of them anew without a parent, or under another';
  const message = circle.includes(tenant.name)
    ? `its parents form a circle (${shown}): ${advice}`
    : `the frameworks above it form a circle (${shown}): ${advice}`;
  return { reason: 'ParentsInCircle', message };
}

function missing(name: string, child: string, parent: string): TenantProblem {
  const whose = name === child ? 'its parent' : `the parent of ${child} above it`;
  const message = `${whose}, Framework "${parent}", does not exist: create it, or make "${child}" anew under another`;
  return { reason: 'FrameworkNotFound', message };
}
