import type { Tenant } from '../allocator/decision.ts';
import type { Resources } from '../resources/resources.ts';
import { showAmount } from '../resources/show-amount.ts';
import { add } from '../resources/vector.ts';
import { type TenantProblem, treeShape } from './tree-shape.ts';

const NOBODY_CHARGED: ReadonlyMap<string, Resources> = new Map();

/**
 * What is wrong with each tenant, for its status; tenants without a problem are left out. A missing parent or a circle takes the tenant
 * and those below it out of the tree: nothing new for them, what runs stays. The rest is told and lived with: a guarantee counts up to
 * what the cluster has, a limit below what runs stops new slots only. `charges` by framework, its own apps alone.
 */
export function treeProblems(
  tenants: readonly Tenant[],
  charges: ReadonlyMap<string, Resources> = NOBODY_CHARGED,
): ReadonlyMap<string, readonly TenantProblem[]> {
  const shape = treeShape(tenants);
  const problems = new Map<string, TenantProblem[]>([...shape.outside].map(([name, problem]) => [name, [problem]]));
  const say = (name: string, found: readonly TenantProblem[]): void => {
    if (found.length > 0) problems.set(name, [...(problems.get(name) ?? []), ...found]);
  };
  const charged = chargesOfTrees(shape, charges);
  for (const tenant of shape.outside.keys()) say(tenant, ofOne(tenants.find(({ name }) => name === tenant)));
  for (const [i, tenant] of shape.tenants.entries()) {
    const children = (shape.children[i + 1] ?? []).flatMap((child) => shape.tenants[child - 1] ?? []);
    say(tenant.name, ofOne(tenant));
    say(tenant.name, overLimit(tenant, charged[i + 1] ?? {}));
    say(
      tenant.name,
      children.flatMap((child) => aboveParent(tenant, child)),
    );
    say(tenant.name, childrenTogether(tenant, children));
    say(tenant.name, appsOnInner(tenant, children, charges.get(tenant.name)));
  }
  return problems;
}

/** By number: what a tenant and those below it are charged. */
function chargesOfTrees(
  { tenants, parents }: ReturnType<typeof treeShape>,
  charges: ReadonlyMap<string, Resources>,
): readonly Resources[] {
  const sums: Resources[] = [{}, ...tenants.map(({ name }) => charges.get(name) ?? {})];
  for (let number = tenants.length; number > 0; number -= 1) {
    const parent = parents[number] ?? 0;
    sums[parent] = add(sums[parent] ?? {}, sums[number] ?? {});
  }
  return sums;
}

function ofOne(tenant: Tenant | undefined): readonly TenantProblem[] {
  if (tenant === undefined) return [];
  const { guarantee, lendingLimit, limit } = tenant;
  return [
    ...exceeding(lendingLimit, guarantee).map((name): TenantProblem => {
      const amounts = `${show(name, lendingLimit)} of ${name}, and is guaranteed ${show(name, guarantee)}`;
      return { reason: 'LendingTooLarge', message: `it lends up to ${amounts}: lower spec.lendingLimit` };
    }),
    ...exceeding(guarantee, limit, Number.POSITIVE_INFINITY).map((name): TenantProblem => {
      const amounts = `${show(name, guarantee)} of ${name}, and its limit is ${show(name, limit)}`;
      return { reason: 'LimitTooLow', message: `it is guaranteed ${amounts}: raise the limit or lower the guarantee` };
    }),
  ];
}

function overLimit({ limit }: Tenant, charged: Resources): readonly TenantProblem[] {
  return exceeding(charged, limit, Number.POSITIVE_INFINITY).map((name) => {
    const amounts = `${show(name, charged)} of ${name} charged, and the limit is ${show(name, limit)}`;
    return { reason: 'FrameworkLimit', message: `${amounts}: what runs stays, and nothing new starts` };
  });
}

/** Told of the parent: it is what cannot keep its promise. */
function aboveParent(parent: Tenant, child: Tenant): readonly TenantProblem[] {
  return exceeding(child.guarantee, parent.guarantee, Number.POSITIVE_INFINITY).map((name) => {
    const amounts = `${show(name, child.guarantee)} of ${name}, more than the ${show(name, parent.guarantee)} that ${parent.name} is`;
    return { reason: 'GuaranteeTooLarge', message: `${child.name} below it is guaranteed ${amounts}` };
  });
}

function childrenTogether(parent: Tenant, children: readonly Tenant[]): readonly TenantProblem[] {
  if (children.length < 2) return [];
  let total: Resources = {};
  for (const { guarantee } of children) total = add(total, guarantee);
  return exceeding(total, parent.guarantee, Number.POSITIVE_INFINITY)
    .filter((name) => !children.some(({ guarantee }) => (guarantee[name] ?? 0) > (parent.guarantee[name] ?? 0)))
    .map((name) => {
      const amounts = `${show(name, total)} of ${name} together, more than the ${show(name, parent.guarantee)} that it is`;
      return { reason: 'GuaranteeTooLarge', message: `those below it are guaranteed ${amounts}` };
    });
}

function appsOnInner(
  { name }: Tenant,
  children: readonly Tenant[],
  own: Resources | undefined,
): readonly TenantProblem[] {
  if (children.length === 0 || own === undefined || Object.values(own).every((amount) => amount === 0)) return [];
  const below = children.map((child) => child.name).join(', ');
  const message = `apps of its own hold slots, and it has others below it (${below}): name one of these in spec.framework of apps of ${name}; what runs stays`;
  return [{ reason: 'FrameworkNotLeaf', message }];
}

/** Names of which `amounts` has more than `most`; a name that `most` leaves out is `absent` there. */
function exceeding(amounts: Resources, most: Resources, absent = 0): readonly string[] {
  return Object.keys(amounts).filter((name) => (amounts[name] ?? 0) > (most[name] ?? absent));
}

function show(name: string, amounts: Resources): string {
  return showAmount(name, amounts[name] ?? 0);
}
