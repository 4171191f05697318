// Guarantees that were lent out come back, and then there is peace: with every decision carried out at once, and all who went asking anew.
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { allocate } from '../../src/core/allocator/allocate.ts';
import type { Tenant } from '../../src/core/allocator/decision.ts';
import type { Demand } from '../../src/core/allocator/demand.ts';
import { reclaim, type Reclaim } from '../../src/core/fairness/reclaim.ts';
import type { ClusterView } from '../../src/core/view/cluster-view.ts';
import { NOW, amounts, demand, nodeFacts, tenant, viewOf } from '../support/core-builders.ts';

const FRAMEWORKS = ['a', 'b', 'c'] as const;

interface AppShape {
  readonly framework: (typeof FRAMEWORKS)[number];
  readonly cpu: number;
  readonly memoryGi: number;
  readonly count: number;
}

interface World {
  readonly tenants: readonly Tenant[];
  readonly apps: readonly AppShape[];
  readonly nodes: number;
}

const guarantee = fc.record({ cpu: fc.integer({ min: 0, max: 8 }), memoryGi: fc.integer({ min: 0, max: 32 }) });

const tenants = fc
  .record({
    guarantees: fc.tuple(guarantee, guarantee, guarantee),
    revocable: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
    below: fc.constantFrom(0, 2),
  })
  .map(({ guarantees, revocable, below }) => [
    tenant('team'),
    tenant('idle'),
    ...FRAMEWORKS.map((name, i) => {
      const { cpu = 0, memoryGi = 0 } = guarantees[i] ?? {};
      const parent = i < below ? { parent: 'team' } : {};
      const amount = amounts({ cpu, memory: `${memoryGi}Gi` });
      return tenant(name, { guarantee: amount, revocable: revocable[i] ?? false, ...parent });
    }),
  ]);

const app = fc.record({
  framework: fc.constantFrom(...FRAMEWORKS),
  cpu: fc.integer({ min: 1, max: 4 }),
  memoryGi: fc.integer({ min: 1, max: 16 }),
  count: fc.integer({ min: 1, max: 2 }),
});

const worlds: fc.Arbitrary<World> = fc.record({
  tenants,
  apps: fc.array(app, { minLength: 1, maxLength: 8 }),
  nodes: fc.integer({ min: 1, max: 3 }),
});

function demandOf({ framework, cpu, memoryGi, count }: AppShape, i: number): Demand {
  const requests = { cpu, memory: `${memoryGi}Gi` };
  return demand(`app${i}`, { framework, count, member: { requests }, pendingSinceSeconds: NOW + i });
}

/** A cluster that carries everything out at once; what is freed is the claimant's. */
class Cluster {
  readonly view: ClusterView;
  readonly #tenants: readonly Tenant[];
  waiting: readonly Demand[];
  #turn = 0;

  constructor({ tenants, apps, nodes }: World) {
    this.view = viewOf(...Array.from({ length: nodes }, (_, i) => nodeFacts(`n${i}`)));
    this.#tenants = tenants;
    this.waiting = apps.map(demandOf);
  }

  /** One turn, and at most one decision to take something back. Whole apps go, since all of an app must be there. */
  turn(): { readonly accepted: number; readonly found: Reclaim | undefined } {
    this.#turn += 1;
    const decisions = allocate(this.view, this.#tenants, this.waiting, NOW);
    const placed = decisions.flatMap((decision) => {
      const asked = this.waiting.find(({ app }) => app.uid === decision.app.uid);
      if (decision.kind === 'decline' || asked === undefined) return [];
      this.view.forget(decision.app);
      this.view.assume(decision.app, decision.slots, asked.framework);
      return [asked];
    });
    this.waiting = this.waiting.filter((one) => !placed.includes(one));
    for (const waits of this.waiting) {
      const found = reclaim(this.view, this.#tenants, waits, NOW);
      if (found !== undefined) return { accepted: placed.length, found };
    }
    return { accepted: placed.length, found: undefined };
  }

  evict({ victims, earmark }: Reclaim, shapes: readonly Demand[]): void {
    const gone = shapes.filter(({ app }) => victims.some((victim) => victim.app.uid === app.uid));
    for (const { app } of gone) this.view.forget(app);
    const slots = earmark.places.map((place) => ({ ...place, zone: '', volumes: [] }));
    this.view.assume(earmark.app, slots, earmark.framework);
    this.waiting = [...this.waiting, ...gone.map((one) => ({ ...one, pendingSinceSeconds: NOW + 100 + this.#turn }))];
  }
}

describe('a guarantee that comes back', () => {
  test('comes back once: frameworks do not make each other go for ever', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const cluster = new Cluster(world);
        const all = cluster.waiting;
        for (let turns = 0; turns < 40; turns += 1) {
          const { found, accepted } = cluster.turn();
          if (found !== undefined) cluster.evict(found, all);
          else if (accepted === 0) return;
        }
        throw new Error('there is no peace after 40 turns');
      }),
      { numRuns: 300 },
    );
  });

  test('goes to nobody who has more than that, and comes from nobody who has less', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const cluster = new Cluster(world);
        const { found } = cluster.turn();
        if (found === undefined) return;
        const flat = world.tenants.every(({ parent }) => parent === undefined);
        for (const { framework } of found.victims) {
          const { guarantee = {}, revocable = false } = world.tenants.find(({ name }) => name === framework) ?? {};
          const charged = cluster.view.charges().get(framework) ?? {};
          expect(framework).not.toBe(found.earmark.framework);
          expect(revocable || !flat).toBe(true);
          const borrowed = ['cpu', 'memory'].some((name) => (charged[name] ?? 0) > (guarantee[name] ?? 0));
          expect(borrowed).toBe(true);
        }
        const { guaranteed, used } = found.guarantee;
        expect(used).toBeLessThan(guaranteed);
      }),
      { numRuns: 300 },
    );
  });
});
