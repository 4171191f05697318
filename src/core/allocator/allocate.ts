import { DemandTurns } from '../fairness/demand-turns.ts';
import { Earmarks, isStarving } from '../fairness/earmarks.ts';
import { capacityOf } from '../fairness/fair-resources.ts';
import { TenantTree } from '../fairness/tenant-tree.ts';
import { PlacementEngine } from '../placement/placement-engine.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import type { AcceptedSlot, Decision, Tenant } from './decision.ts';
import type { Demand } from './demand.ts';
import { unitCharge } from './demand-charge.ts';
import { demandUnits } from './gang-units.ts';
import { DemandServer } from './serve-demand.ts';

/**
 * Answers every demand once, in the order they were served; those last whose framework is no leaf of the tree. Hierarchical weighted
 * dominant-resource order over the tenants (see sibling-ranks.ts): at each turn the tenant is next that stands lowest with its next
 * demand added. A tenant's own demands go by priority, then waiting time; one that would take less than it asks is served in portions
 * (see portion.ts). A demand that finds no place is declined and holds up nobody, unless it has waited too long: then nodes are set
 * aside for it (see earmarks.ts). The view is not changed; `now` is epoch seconds. `engine` is one that was renewed for this view and
 * moment (see allocator-memory.ts).
 */
export function allocate(
  view: ClusterView,
  tenants: readonly Tenant[],
  demands: readonly Demand[],
  now: number,
  engine: PlacementEngine = new PlacementEngine(view, now),
): readonly Decision[] {
  if (demands.length === 0) return [];
  const charges = view.charges();
  const tree = new TenantTree(tenants, charges, capacityOf(view, charges));
  const server = new DemandServer(view, tree, now, engine);
  const units = demandUnits(demands);
  const turns = new DemandTurns(tree, units, {
    chargeOf: (unit) => unitCharge(view, unit),
    isStarving: ({ lead }) => isStarving(tree, lead, now),
  });
  const earmarks = new Earmarks(engine, tree, { units, now });
  const answers = new Answers();
  while (turns.take((unit) => answers.note(earmarks.heard(unit, server.serveUnit(unit)))));
  for (const unit of turns.withoutTurn) answers.note(server.serveUnit(unit));
  return answers.all;
}

/** One answer for each app: an app that was served in portions has the slots of all of them. */
class Answers {
  readonly all: Decision[] = [];
  readonly #places = new Map<string, number>();

  /** Where members were placed; undefined when none was. A portion that finds no place takes nothing back from those before it. */
  note(decisions: readonly Decision[]): readonly AcceptedSlot[] | undefined {
    let placed: readonly AcceptedSlot[] | undefined;
    for (const decision of decisions) {
      const place = this.#places.get(decision.app.uid);
      const before = place === undefined ? undefined : this.all[place];
      if (decision.kind === 'accept') placed = [...(placed ?? []), ...decision.slots];
      if (place === undefined || before === undefined) {
        this.#places.set(decision.app.uid, this.all.push(decision) - 1);
      } else if (decision.kind === 'accept' && before.kind === 'accept') {
        this.all[place] = { ...before, slots: [...before.slots, ...decision.slots] };
      }
    }
    return placed;
  }
}
