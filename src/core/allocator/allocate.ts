import { Earmarks } from '../fairness/earmarks.ts';
import { PlacementEngine } from '../placement/placement-engine.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import { Answers } from './answers.ts';
import type { Decision, Tenant } from './decision.ts';
import type { Demand } from './demand.ts';
import { Round } from './round.ts';
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
  return demands.length === 0 ? [] : serveRound(new Round(view, tenants, demands, now), engine, now);
}

/** Serves all that wait. Afterwards the round's tenants are charged with what was accepted. */
export function serveRound(round: Round, engine: PlacementEngine, now: number): readonly Decision[] {
  const { tree, turns, starving } = round;
  const server = new DemandServer(engine.run.view, tree, now, engine);
  const earmarks = new Earmarks(engine, { starving, now });
  const answers = new Answers();
  while (turns.take(({ unit, isPart }) => answers.note(earmarks.heard(unit, server.serveUnit(unit)), isPart)));
  for (const unit of turns.withoutTurn) answers.note(server.serveUnit(unit), false);
  return answers.all;
}
