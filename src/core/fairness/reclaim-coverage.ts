import type { Demand } from '../allocator/demand.ts';
import { demandCharge } from '../allocator/demand-charge.ts';
import type { Resources } from '../resources/resources.ts';
import { add } from '../resources/vector.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import type { TenantTree } from './tenant-tree.ts';
import { ROOT } from './tree-shape.ts';

/** A resource of which the claimant is guaranteed something that it does not use. */
export interface Guaranteed {
  readonly resource: string;
  readonly guaranteed: number;
  readonly used: number;
}

/** By what right a framework asks others to go. */
export interface Coverage {
  readonly framework: string;
  /** Below which node of the tree victims may be; the root: everywhere. */
  readonly scope: number;
  /** Of what its apps ask for, that of which most is lent out. */
  readonly guarantee: Guaranteed;
}

/** By framework. */
export type Coverages = ReadonlyMap<string, Coverage>;

/** What all apps of one framework ask for together. */
interface Asking {
  readonly framework: string;
  readonly number: number;
  readonly request: Resources;
  readonly vector: Float64Array;
  readonly isCovered: boolean;
}

/**
 * The frameworks of these demands, which are served together, whose guarantee covers all that their apps ask for. Undefined: there is none,
 * or the demands may not be served whatever is free. The tree is as before when it returns.
 */
export function coverageOf(view: ClusterView, tree: TenantTree, demands: readonly Demand[]): Coverages | undefined {
  const asking = askedBy(view, tree, demands);
  if (asking === undefined || !asking.some(({ isCovered }) => isCovered)) return undefined;
  // Who borrows comes last: what is left for it is what the guaranteed ones leave.
  const ordered = asking.toSorted((a, b) => Number(b.isCovered) - Number(a.isCovered));
  const charged: Asking[] = [];
  try {
    for (const one of ordered) {
      if (!mayHave(tree, one)) return undefined;
      tree.chargeVector(one.number, one.vector);
      charged.push(one);
    }
    const scopes = new Map(asking.map(({ framework, number, vector }) => [framework, scopeOf(tree, number, vector)]));
    const covered = asking.filter(({ isCovered }) => isCovered);
    return new Map(
      covered.map(({ framework, number, request, vector }) => {
        const guarantee = mostLentOut(tree, { number, request, vector });
        return [framework, { framework, scope: scopes.get(framework) ?? ROOT, guarantee }];
      }),
    );
  } finally {
    for (const { number, vector } of charged)
      tree.chargeVector(
        number,
        vector.map((amount) => -amount),
      );
  }
}

function askedBy(view: ClusterView, tree: TenantTree, demands: readonly Demand[]): readonly Asking[] | undefined {
  const requests = new Map<string, Resources>();
  for (const demand of demands) {
    if (tree.problemOf(demand.framework) !== undefined) return undefined;
    requests.set(demand.framework, add(requests.get(demand.framework) ?? {}, demandCharge(view, demand)));
  }
  return [...requests].map(([framework, request]) => {
    const number = tree.numberOf(framework) ?? 0;
    const vector = tree.vectorOf(request);
    return { framework, number, request, vector, isCovered: isWithin(tree, number, vector, vector) };
  });
}

/** Its limit holds for everybody; what others do not lend is in the way of those only who have no right to it. */
function mayHave(tree: TenantTree, { number, vector, isCovered }: Asking): boolean {
  const refusal = tree.refusalOf(number, vector);
  return refusal === undefined || (isCovered && refusal.reason !== 'FrameworkLimit');
}

/**
 * With everybody charged: the root when all above the framework are within their guarantees, too. One above it that has more than its
 * guarantee cannot ask others, but what was lent out below it comes back.
 */
function scopeOf(tree: TenantTree, number: number, asked: Float64Array): number {
  let scope = tree.parentOf(number);
  while (scope > ROOT && isWithin(tree, scope, asked)) scope = tree.parentOf(scope);
  return scope;
}

/** Whether the tenant, with `more`, has no more than its guarantee of each resource that is asked for. */
function isWithin(tree: TenantTree, number: number, asked: Float64Array, more?: Float64Array): boolean {
  for (let column = 0; column < tree.columns.fairCount; column += 1) {
    const cell = number * tree.stride + column;
    const charged = (tree.charged[cell] ?? 0) + (more?.[column] ?? 0);
    if ((asked[column] ?? 0) > 0 && charged > (tree.guarantee[cell] ?? 0)) return false;
  }
  return true;
}

/** With the request charged: `used` is what it has without. */
function mostLentOut(
  tree: TenantTree,
  { number, request, vector }: Pick<Asking, 'number' | 'request' | 'vector'>,
): Guaranteed {
  const row = number * tree.stride;
  const { names, fairCount } = tree.columns;
  const all = names.slice(0, fairCount).map((resource, column) => {
    const used = (tree.charged[row + column] ?? 0) - (vector[column] ?? 0);
    return { resource, guaranteed: tree.guarantee[row + column] ?? 0, used };
  });
  const free = (one: Guaranteed): number => 1 - one.used / one.guaranteed;
  const [most] = all
    .filter((one) => one.guaranteed > 0 && (request[one.resource] ?? 0) > 0)
    .toSorted((a, b) => free(b) - free(a));
  return most ?? { resource: '', guaranteed: 0, used: 0 };
}
