import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Demand } from '../../src/core/allocator/demand.ts';
import { AppPlacement } from '../../src/core/placement/app-placement.ts';
import { memberNeed } from '../../src/core/placement/member-need.ts';
import { PlacementEngine } from '../../src/core/placement/placement-engine.ts';
import { NOW } from '../support/core-builders.ts';
import { demandOf, someNodes, world } from './arbitrary-demands.ts';
import { runs } from '../support/law-runs.ts';

/** What happens to a member: where it was before, whether it is put on the best node, and whether that is taken back. */
const turn = fc.record({
  demand: fc.nat(3),
  previousNode: fc.constantFrom('', '', 'n1'),
  takesBack: fc.boolean(),
});

const demands = fc.tuple(...['a', 'b', 'c', 'd'].map((name) => demandOf(name, { count: 2 })));

/** Apps that already have members somewhere, on a node that is gone among others. */
const placed = fc.array(fc.constantFrom('n0', 'n1', 'n2', 'gone'), { maxLength: 2 });

describe('the best node by an order that is kept', () => {
  test('is the one that looking at every node finds, whatever was placed and taken back before', () => {
    fc.assert(
      fc.property(
        world,
        demands,
        fc.array(turn, { minLength: 8, maxLength: 40 }),
        placed,
        ({ nodes, build }, asked, turns, before) => {
          const view = build(nodes);
          const engine = new PlacementEngine(view, NOW);
          const placements = asked.map((demand, i) => placementOf(engine, demand, i % 2 === 0 ? before : []));
          for (const { demand: index, previousNode, takesBack } of turns) {
            const demand = asked[index];
            const placement = placements[index];
            const [member] = demand?.members ?? [];
            if (demand === undefined || placement === undefined || member === undefined) continue;
            const need = memberNeed(view, demand, { ...member, previousNode });
            const best = placement.best(need);
            expect(best).toBe(placement.bestOfAll(need));
            const takeBack = best === undefined ? undefined : placement.put(need, best);
            if (takesBack) {
              expect(placement.best(need)).toBe(placement.bestOfAll(need));
              takeBack?.();
              expect(placement.best(need)).toBe(best);
            }
          }
        },
      ),
      runs(600),
    );
  });

  test('is so, too, where nodes share their hostname', () => {
    fc.assert(
      fc.property(world, demands, someNodes, ({ nodes, build }, asked, others) => {
        const shared = [...nodes, ...others].map((node) => ({
          ...node,
          labels: { ...node.labels, 'kubernetes.io/hostname': 'n0' },
        }));
        const view = build(shared);
        const engine = new PlacementEngine(view, NOW);
        for (const demand of asked) {
          const placement = placementOf(engine, demand, []);
          for (let round = 0; round < 6; round += 1) {
            const [member] = demand.members;
            if (member === undefined) continue;
            const need = memberNeed(view, demand, member);
            const best = placement.best(need);
            expect(best).toBe(placement.bestOfAll(need));
            if (best !== undefined) placement.put(need, best);
          }
        }
      }),
      runs(100),
    );
  });
});

function placementOf(engine: PlacementEngine, demand: Demand, before: readonly string[]): AppPlacement {
  return new AppPlacement(engine.run, engine.suitability, {
    rules: engine.rules.of(demand.rules),
    placed: before.map((node, i) => ({ member: `${demand.app.name}-${i + 10}`, node })),
  });
}
