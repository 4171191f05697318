// Level one alone, without nodes: tenants with endless equal tasks take turns until nothing more fits.
import type { Tenant } from '../../src/core/allocator/decision.ts';
import { TenantTree } from '../../src/core/fairness/tenant-tree.ts';
import { TurnTree } from '../../src/core/fairness/turn-tree.ts';
import type { Resources } from '../../src/core/resources/resources.ts';
import { add, subtract } from '../../src/core/resources/vector.ts';

/** What a leaf runs: as many of these tasks as it may have, up to `count`. */
export interface Tasks {
  readonly task: Resources;
  readonly count?: number;
}

export interface Contest {
  readonly totals: Resources;
  readonly tenants: readonly Tenant[];
  readonly charges?: Readonly<Record<string, Resources>>;
  readonly wants: Readonly<Record<string, Tasks>>;
}

/** How many tasks each leaf got, and in which order; the tree as it is then. */
export interface Outcome {
  readonly counts: Readonly<Record<string, number>>;
  readonly order: readonly string[];
  readonly tree: TenantTree;
}

export function contestTree({ totals, tenants, charges = {} }: Omit<Contest, 'wants'>): TenantTree {
  let free = totals;
  for (const charge of Object.values(charges)) free = subtract(free, charge);
  return new TenantTree(tenants, new Map(Object.entries(charges)), { totals, free });
}

/** A tenant whose task does not fit, or may not be had, is out from then on. */
export function takeTurns(contest: Contest): Outcome {
  const tree = contestTree(contest);
  const turns = new TurnTree(tree);
  const counts: Record<string, number> = {};
  const order: string[] = [];
  const claim = (name: string): void => {
    const wanted = contest.wants[name];
    if (wanted === undefined) throw new Error(`nobody said what ${name} wants`);
    const isDone = (counts[name] ?? 0) >= (wanted.count ?? Number.POSITIVE_INFINITY);
    const request = tree.vectorOf(wanted.task);
    const number = tree.numberOf(name) ?? 0;
    turns.set(number, isDone ? undefined : { request, priority: 0, pendingSinceSeconds: 0, uid: name });
  };
  for (const name of Object.keys(contest.wants)) {
    counts[name] = 0;
    claim(name);
  }
  for (let leaf = turns.next(); leaf !== undefined; leaf = turns.next()) {
    const name = tree.nameOf(leaf);
    const request = turns.claimOf(leaf)?.request ?? new Float64Array();
    const fits = request.every((amount, column) => amount <= (tree.unlendable.free[column] ?? 0));
    if (!fits || !tree.allows(leaf, request)) {
      turns.set(leaf, undefined);
      continue;
    }
    tree.chargeVector(leaf, request);
    counts[name] = (counts[name] ?? 0) + 1;
    order.push(name);
    claim(name);
  }
  return { counts, order, tree };
}

/** All charges of a contest's outcome, for another one that goes on from there. */
export function chargesOf({ tree }: Outcome): Readonly<Record<string, Resources>> {
  const leaves = tree.shape.tenants.filter((_, i) => (tree.shape.children[i + 1] ?? []).length === 0);
  return Object.fromEntries(leaves.map(({ name }) => [name, add({}, tree.chargedTo(name))]));
}
