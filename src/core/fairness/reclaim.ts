import type { HeldSlot } from '../facts/held-slot.ts';
import type { AcceptedSlot, Tenant } from '../allocator/decision.ts';
import type { AppRef, Demand } from '../allocator/demand.ts';
import { BuiltInLevelTwo } from '../allocator/level-two-built-in.ts';
import { Offers, type Pending } from '../allocator/level-two.ts';
import { acceptedSlot } from '../allocator/accepted-slot.ts';
import { memberNeed } from '../placement/member-need.ts';
import { PlacementEngine } from '../placement/placement-engine.ts';
import type { Resources } from '../resources/resources.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import { capacityOf } from './fair-resources.ts';
import { Lenders } from './lenders.ts';
import { type Coverages, type Guaranteed, coverageOf } from './reclaim-coverage.ts';
import { type RoomSeeker, victimsFor } from './reclaim-rooms.ts';
import { TenantTree } from './tenant-tree.ts';

/** A member that is to go, so that a guarantee that was lent out comes back. */
export interface Victim {
  readonly app: AppRef;
  readonly framework: string;
  readonly member: string;
  readonly node: string;
}

/** Where members of one app go once the victims are gone: what is freed there is theirs. */
export interface ReclaimEarmark {
  readonly app: AppRef;
  readonly framework: string;
  readonly places: readonly AcceptedSlot[];
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
  /** The first of the apps whose framework is guaranteed what it asks for. */
  readonly claimant: { readonly app: AppRef; readonly framework: string };
  readonly guarantee: Guaranteed;
  /** One for each app that was asked about, in that order. */
  readonly earmarks: readonly ReclaimEarmark[];
}

/**
 * Who must go for demands that are served together (one, or those of a gang) and find no room, though what some of them ask for is within
 * their frameworks' guarantees. Victims are members of revocable frameworks that have more than their own guarantee, in the order:
 * without volumes, then with volumes that the network reaches; newest first; never one with a local volume, nor one of a framework that
 * asks. As few as possible, and only if then all demands are placed. Apps that ask for more than they are guaranteed take what is
 * free: nobody goes for them. Undefined: no demand is covered by a guarantee, all fits as it is, or not all would fit. Nothing is
 * changed; the caller evicts. `now` is epoch seconds.
 */
export function reclaim(
  view: ClusterView,
  tenants: readonly Tenant[],
  demands: readonly Demand[],
  now: number,
  world: ReclaimWorld = {},
): Reclaim | undefined {
  const charges = view.charges();
  const tree = new TenantTree(tenants, charges, capacityOf(view, charges));
  const unit = demands.map(leastOf);
  const coverage = coverageOf(view, tree, unit);
  if (coverage === undefined) return undefined;
  const claimant = unit.find(({ framework }) => coverage.has(framework));
  const right = coverage.get(claimant?.framework ?? '');
  if (claimant === undefined || right === undefined) return undefined;
  const engine = new PlacementEngine(view, now);
  const lenders = lendersOf(view, tree, { coverage, unit, leaving: world.leaving ?? [] });
  const seekers = unit.map((demand) => ({
    pending: pendingOf(engine, demand),
    lenders: lenders.get(demand.framework),
  }));
  const { scratch } = engine.run;
  const mark = scratch.mark();
  const victims = victimsFor(engine, seekers, world.isSpared ?? (() => false));
  scratch.rollback(mark);
  if (victims === undefined || victims.length === 0) return undefined;
  const earmarks = placedWithout(engine, victims, seekers);
  if (earmarks === undefined) return undefined;
  const { app, framework } = claimant;
  return { victims: victims.map(victimOf), claimant: { app, framework }, guarantee: right.guarantee, earmarks };
}

/** The lowest ordinals that must start together. */
function leastOf(demand: Demand): Demand {
  const least = demand.members.toSorted((a, b) => a.ordinal - b.ordinal).slice(0, Math.max(1, demand.minMembers));
  return { ...demand, members: least, minMembers: least.length };
}

function pendingOf({ run }: PlacementEngine, demand: Demand): Pending {
  const needs = demand.members.map((member) => memberNeed(run.view, demand, member));
  return { demand, needs, minMembers: needs.length, offers: new Offers(demand.framework, run) };
}

/** By framework that may ask others; they all know who is asked by one of them. */
function lendersOf(
  view: ClusterView,
  tree: TenantTree,
  {
    coverage,
    unit,
    leaving,
  }: { readonly coverage: Coverages; readonly unit: readonly Demand[]; readonly leaving: readonly HeldSlot[] },
): ReadonlyMap<string, Lenders> {
  const released = new Map<string, Resources[]>();
  const asking = new Set(unit.map(({ framework }) => framework));
  const lenders = new Map(
    [...coverage.values()].map(({ framework, scope }) => [
      framework,
      new Lenders(view, tree, { claimant: framework, scope, asking }, released),
    ]),
  );
  const [any] = lenders.values();
  for (const held of leaving) any?.release(held);
  return lenders;
}

/**
 * Where the members go when the victims are gone: asked of level two itself, since it is what will place them. Undefined: it would not
 * place them all, so that the victims would go in vain.
 */
function placedWithout(
  engine: PlacementEngine,
  victims: readonly HeldSlot[],
  seekers: readonly RoomSeeker[],
): readonly ReclaimEarmark[] | undefined {
  const { scratch, view } = engine.run;
  for (const { appUid, slot } of victims) scratch.lift({ appUid, member: slot.member }, []);
  const pending = seekers.map((seeker) => seeker.pending);
  for (const { needs } of pending) {
    for (const { isFresh, id, claims } of needs) if (!isFresh || claims.length > 0) scratch.lift(id, claims);
  }
  const answer = new BuiltInLevelTwo(engine).answer(pending);
  if (answer.kind === 'decline') return undefined;
  return pending.map(({ demand: { app, framework } }, i) => {
    const placed = answer.placed[i] ?? [];
    return { app, framework, places: placed.map((member) => acceptedSlot(view, member)) };
  });
}

function victimOf({ namespace, appName, appUid, framework, slot }: HeldSlot): Victim {
  return { app: { namespace, name: appName, uid: appUid }, framework, member: slot.member, node: slot.node };
}
