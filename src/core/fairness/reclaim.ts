import type { HeldSlot } from '../facts/held-slot.ts';
import type { Tenant } from '../allocator/decision.ts';
import type { AppRef, Demand } from '../allocator/demand.ts';
import { demandCharge } from '../allocator/demand-charge.ts';
import { AppPlacement } from '../placement/app-placement.ts';
import { type MemberNeed, memberNeed } from '../placement/member-need.ts';
import { PlacementEngine } from '../placement/placement-engine.ts';
import type { Resources } from '../resources/resources.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import { capacityOf } from './fair-resources.ts';
import { Lenders } from './lenders.ts';
import { TenantTree } from './tenant-tree.ts';
import { ROOT } from './tree-shape.ts';

/** A member that is to go, so that a guarantee that was lent out comes back. */
export interface Victim {
  readonly app: AppRef;
  readonly framework: string;
  readonly member: string;
  readonly node: string;
}

/** Where the claimant's members go once the victims are gone: what is freed there is theirs. */
export interface ReclaimPlace {
  readonly member: string;
  readonly node: string;
  readonly resources: Resources;
}

/** A resource of which the claimant is guaranteed something that it does not use. */
export interface Guaranteed {
  readonly resource: string;
  readonly guaranteed: number;
  readonly used: number;
}

/** What only the caller knows. */
export interface ReclaimWorld {
  /** Members that may not be asked to go whatever their framework has. */
  readonly isSpared?: (held: HeldSlot) => boolean;
  /** Members that go already: their frameworks will have so much less. */
  readonly leaving?: readonly HeldSlot[];
}

export interface Reclaim {
  readonly victims: readonly Victim[];
  /** Of what the claimant asks for, that of which most is lent out. */
  readonly guarantee: Guaranteed;
  readonly earmark: { readonly app: AppRef; readonly framework: string; readonly places: readonly ReclaimPlace[] };
}

/** Of a node: which members would have to go, and what that costs. */
interface Option {
  readonly row: number;
  readonly victims: readonly HeldSlot[];
}

/**
 * Who must go for a demand within its framework's guarantee that finds no room. Victims are members of revocable frameworks that have
 * more than their own guarantee, in the order: without volumes, then with volumes that the network reaches; newest first; never one with
 * a local volume. As few as possible, on nodes where the claimant then really fits. Undefined: the demand is not covered by a guarantee,
 * it fits as it is, or nobody may be asked to go. Nothing is changed; the caller evicts. `now` is epoch seconds.
 */
export function reclaim(
  view: ClusterView,
  tenants: readonly Tenant[],
  demand: Demand,
  now: number,
  world: ReclaimWorld = {},
): Reclaim | undefined {
  const charges = view.charges();
  const tree = new TenantTree(tenants, charges, capacityOf(view, charges));
  const least = demand.members.toSorted((a, b) => a.ordinal - b.ordinal).slice(0, Math.max(1, demand.minMembers));
  const asked = demandCharge(view, { ...demand, members: least });
  const scope = scopeOf(tree, demand.framework, asked);
  if (scope === undefined) return undefined;
  const lenders = new Lenders(view, tree, { claimant: demand.framework, scope });
  const search = new Search({ view, lenders, demand, world }, now);
  for (const member of least) if (!search.place(memberNeed(view, demand, member))) return undefined;
  if (search.victims.length === 0) return undefined;
  return { ...search.answer(), guarantee: guaranteed(tree, demand.framework, asked) };
}

function guaranteed(tree: TenantTree, framework: string, asked: Resources): Guaranteed {
  const row = (tree.numberOf(framework) ?? 0) * tree.stride;
  const { names, fairCount } = tree.columns;
  const all = names.slice(0, fairCount).map((resource, column) => {
    return { resource, guaranteed: tree.guarantee[row + column] ?? 0, used: tree.charged[row + column] ?? 0 };
  });
  const free = (one: Guaranteed): number => 1 - one.used / one.guaranteed;
  const [most] = all
    .filter((one) => one.guaranteed > 0 && (asked[one.resource] ?? 0) > 0)
    .toSorted((a, b) => free(b) - free(a));
  return most ?? { resource: '', guaranteed: 0, used: 0 };
}

/**
 * Below which node of the tree victims may be, when the demand is covered by the framework's guarantee on every resource that it asks
 * for; the root when it is covered by those above it, too. A node above that has more than its guarantee cannot ask others, but what was
 * lent out below it comes back. Undefined: not covered.
 */
function scopeOf(tree: TenantTree, framework: string, request: Resources): number | undefined {
  const number = tree.problemOf(framework) === undefined ? tree.numberOf(framework) : undefined;
  if (number === undefined) return undefined;
  const asked = tree.vectorOf(request);
  if (tree.refusalOf(number, asked)?.reason === 'FrameworkLimit' || !isCovered(tree, number, asked)) return undefined;
  let scope = tree.parentOf(number);
  while (scope > ROOT && isCovered(tree, scope, asked)) scope = tree.parentOf(scope);
  return scope;
}

function isCovered(tree: TenantTree, number: number, asked: Float64Array): boolean {
  for (let column = 0; column < tree.columns.fairCount; column += 1) {
    const cell = number * tree.stride + column;
    const more = asked[column] ?? 0;
    if (more > 0 && (tree.charged[cell] ?? 0) + more > (tree.guarantee[cell] ?? 0)) return false;
  }
  return true;
}

class Search {
  readonly victims: HeldSlot[] = [];
  readonly #places: ReclaimPlace[] = [];
  readonly #view: ClusterView;
  readonly #demand: Demand;
  readonly #placement: AppPlacement;
  readonly #lenders: Lenders;
  readonly #isSpared: (held: HeldSlot) => boolean;

  constructor(
    { view, lenders, demand, world }: { view: ClusterView; lenders: Lenders; demand: Demand; world: ReclaimWorld },
    now: number,
  ) {
    const engine = new PlacementEngine(view, now);
    const { run, rules, suitability } = engine;
    this.#view = view;
    this.#demand = demand;
    this.#lenders = lenders;
    for (const held of world.leaving ?? []) this.#lenders.release(held);
    this.#isSpared = world.isSpared ?? (() => false);
    this.#placement = new AppPlacement(run, suitability, {
      rules: rules.of(demand.rules),
      placed: demand.placed,
      demand,
      pods: run.pods.of(demand),
    });
  }

  /** Finds the member a node, freeing one if need be. */
  place(need: MemberNeed): boolean {
    const free = this.#placement.best(need);
    const option = free === undefined ? this.#bestOption(need) : { row: free, victims: [] };
    if (option === undefined) return false;
    for (const victim of option.victims) this.#evict(victim);
    this.#placement.put(need, option.row);
    const node = this.#view.nodeTable.names[option.row] ?? '';
    this.#places.push({ member: need.demand.member, node, resources: need.demand.requests });
    return true;
  }

  answer(): Pick<Reclaim, 'victims' | 'earmark'> {
    const victims = this.victims.map(({ namespace, appName, appUid, framework, slot }) => {
      return { app: { namespace, name: appName, uid: appUid }, framework, member: slot.member, node: slot.node };
    });
    const { app, framework } = this.#demand;
    return { victims, earmark: { app, framework, places: this.#places } };
  }

  #evict(victim: HeldSlot): void {
    this.victims.push(victim);
    this.#lenders.release(victim);
    this.#placement.run.scratch.lift({ appUid: victim.appUid, member: victim.slot.member }, []);
  }

  #bestOption(need: MemberNeed): Option | undefined {
    const { names } = this.#view.nodeTable;
    let best: Option | undefined;
    for (const row of this.#placement.rules.eligible()) {
      const victims = this.#victimsOn(need, row);
      if (victims === undefined) continue;
      const option = { row, victims };
      if (best === undefined || isBetter(option, best, names)) best = option;
    }
    return best;
  }

  /** The fewest there whose going makes the member fit; undefined: not even all together. */
  #victimsOn(need: MemberNeed, row: number): readonly HeldSlot[] | undefined {
    const chosen: HeldSlot[] = [];
    const loans = this.#lenders.copy();
    for (const victim of this.#lenders.candidatesOn(row, this.victims)) {
      if (this.#isSpared(victim) || !loans.mayGo(victim)) continue;
      loans.release(victim);
      chosen.push(victim);
      if (this.#fitsWithout(need, row, chosen)) return this.#needed(need, row, chosen);
    }
    return undefined;
  }

  /** Leaves out whoever need not go after all, those first that were to go last. */
  #needed(need: MemberNeed, row: number, chosen: readonly HeldSlot[]): readonly HeldSlot[] {
    let kept = chosen;
    for (const victim of chosen.toReversed()) {
      const fewer = kept.filter((one) => one !== victim);
      if (this.#fitsWithout(need, row, fewer)) kept = fewer;
    }
    return kept;
  }

  #fitsWithout(need: MemberNeed, row: number, victims: readonly HeldSlot[]): boolean {
    const { scratch } = this.#placement.run;
    const mark = scratch.mark();
    for (const { appUid, slot } of victims) scratch.lift({ appUid, member: slot.member }, []);
    let fits = true;
    this.#placement.tell(row, need, () => {
      fits = false;
    });
    scratch.rollback(mark);
    return fits;
  }
}

/** Fewer members, then fewer with volumes, then those that came last, then by name. */
function isBetter(option: Option, than: Option, names: readonly string[]): boolean {
  const count = option.victims.length - than.victims.length;
  if (count !== 0) return count < 0;
  const volumes = withVolumes(option) - withVolumes(than);
  if (volumes !== 0) return volumes < 0;
  const [newest, other] = [firstAccepted(option), firstAccepted(than)];
  return newest === other ? (names[option.row] ?? '') < (names[than.row] ?? '') : newest > other;
}

function withVolumes({ victims }: Option): number {
  return victims.filter(({ slot }) => slot.volumes.length > 0).length;
}

function firstAccepted({ victims }: Option): string {
  return victims.reduce((first, { slot }) => (slot.acceptedAt < first ? slot.acceptedAt : first), '~');
}
