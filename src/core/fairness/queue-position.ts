import type { Tenant } from '../allocator/decision.ts';
import type { AppRef, Demand } from '../allocator/demand.ts';
import { unitRequest } from '../allocator/demand-charge.ts';
import { type DemandUnit, demandUnits } from '../allocator/gang-units.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import { DemandTurns, type Turn } from './demand-turns.ts';
import { isStarving } from './earmarks.ts';
import { capacityOf, dominantShare } from './fair-resources.ts';
import { TenantTree } from './tenant-tree.ts';

/** A framework and its weighted dominant share at the time of its turn. */
export interface ShareAhead {
  readonly framework: string;
  readonly share: number;
}

/** Where an app stands among all that wait. */
export interface QueuePlace {
  readonly app: AppRef;
  readonly framework: string;
  /** From 1; apps of one gang stand together. */
  readonly position: number;
  /** Of how many. */
  readonly waiting: number;
  /** Its own framework's share when its turn comes. */
  readonly share: number;
  /** The framework that has the turn before it, its own left out; undefined: only its own apps are before it, if any. */
  readonly ahead: ShareAhead | undefined;
}

/**
 * The order in which apps are served if everything fits: by UID of the app. Demands that find no room hold up nobody, so an app may come
 * earlier than it says here, never later because of these. Apps whose framework is no leaf of the tree have no position.
 * `now` is epoch seconds.
 */
export function queuePosition(
  view: ClusterView,
  tenants: readonly Tenant[],
  demands: readonly Demand[],
  now: number,
): ReadonlyMap<string, QueuePlace> {
  const places = new Map<string, QueuePlace>();
  if (demands.length === 0) return places;
  const charges = view.charges();
  const capacity = capacityOf(view, charges);
  const tree = new TenantTree(tenants, charges, capacity);
  const units = demandUnits(demands);
  const turns = new DemandTurns(tree, units, {
    requestOf: (unit) => unitRequest(view, tree.columns, unit),
    isStarving: ({ lead }) => isStarving(tree, lead, now),
  });
  const waiting = units.length - turns.withoutTurn.length;
  const shareOf = (framework: string): number =>
    dominantShare(tree.chargedTo(framework), capacity.totals) / (tree.weights[tree.numberOf(framework) ?? 0] ?? 1);
  let position = 0;
  let last: ShareAhead | undefined;
  /** Before the last one's run of turns. */
  let beforeLast: ShareAhead | undefined;
  const note = (unit: DemandUnit): void => {
    const { framework } = unit.lead;
    const share = shareOf(framework);
    if (last !== undefined && last.framework !== framework) beforeLast = last;
    position += 1;
    for (const { app } of unit.demands) {
      places.set(app.uid, { app, framework, position, waiting, share, ahead: beforeLast });
    }
    last = { framework, share };
  };
  const serve = ({ unit, leaf }: Turn): Demand['placed'] | undefined => {
    const request = unitRequest(view, tree.columns, unit);
    const mayHave = tree.allows(leaf, request);
    if (!places.has(unit.lead.app.uid)) note(unit);
    if (mayHave) tree.chargeVector(leaf, request);
    return mayHave ? [] : undefined;
  };
  while (turns.take(serve));
  return places;
}
