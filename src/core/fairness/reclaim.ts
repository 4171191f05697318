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

export interface Reclaim {
  readonly victims: readonly Victim[];
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
): Reclaim | undefined {
  const charges = view.charges();
  const tree = new TenantTree(tenants, charges, capacityOf(view, charges));
  const least = demand.members.toSorted((a, b) => a.ordinal - b.ordinal).slice(0, Math.max(1, demand.minMembers));
  if (!isWithinGuarantee(tree, demand.framework, demandCharge(view, { ...demand, members: least }))) return undefined;
  const search = new Search(view, tree, demand, now);
  for (const member of least) if (!search.place(memberNeed(view, demand, member))) return undefined;
  return search.victims.length === 0 ? undefined : search.answer();
}

/** Covered on every resource that it asks for, and by those above too. */
function isWithinGuarantee(tree: TenantTree, framework: string, request: Resources): boolean {
  const number = tree.problemOf(framework) === undefined ? tree.numberOf(framework) : undefined;
  if (number === undefined) return false;
  const asked = tree.vectorOf(request);
  for (let at = number; at > 0; at = tree.parentOf(at)) {
    for (let column = 0; column < tree.columns.fairCount; column += 1) {
      const cell = at * tree.stride + column;
      const more = asked[column] ?? 0;
      if (more > 0 && (tree.charged[cell] ?? 0) + more > (tree.guarantee[cell] ?? 0)) return false;
    }
  }
  return tree.refusalOf(number, asked)?.reason !== 'FrameworkLimit';
}

class Search {
  readonly victims: HeldSlot[] = [];
  readonly #places: ReclaimPlace[] = [];
  readonly #view: ClusterView;
  readonly #demand: Demand;
  readonly #placement: AppPlacement;
  readonly #lenders: Lenders;

  constructor(view: ClusterView, tree: TenantTree, demand: Demand, now: number) {
    const engine = new PlacementEngine(view, now);
    const { run, rules, suitability } = engine;
    this.#view = view;
    this.#demand = demand;
    this.#lenders = new Lenders(view, tree, demand.framework);
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

  answer(): Reclaim {
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
      if (!loans.mayGo(victim)) continue;
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
