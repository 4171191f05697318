// Guarantees that were lent out come back, and then there is peace: with every decision carried out at once, and all who went asking anew.
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { allocate } from '../../src/core/allocator/allocate.ts';
import type { AcceptedSlot, Tenant } from '../../src/core/allocator/decision.ts';
import type { Demand } from '../../src/core/allocator/demand.ts';
import { demandUnits } from '../../src/core/allocator/gang-units.ts';
import { reclaim, type Reclaim } from '../../src/core/fairness/reclaim.ts';
import type { ClusterView } from '../../src/core/view/cluster-view.ts';
import { NOW, amounts, demand, nodeFacts, tenant, viewOf } from '../support/core-builders.ts';
import { runs } from '../support/law-runs.ts';

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
  /** So many of the first apps start together. */
  readonly together: number;
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
  together: fc.constantFrom(0, 0, 2, 3),
});

/** Everybody but `a` and `b` has borrowed what there is, and may be asked to go. */
const lentOut: fc.Arbitrary<World> = fc
  .record({
    second: fc.constantFrom(0, 4, 8),
    claims: fc.array(app, { minLength: 1, maxLength: 3 }),
    guests: fc.array(app, { minLength: 4, maxLength: 8 }),
    nodes: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ second, claims, guests, nodes }) => ({
    nodes,
    together: claims.length,
    tenants: [
      tenant('a', { guarantee: amounts({ cpu: 8, memory: '32Gi' }) }),
      tenant('b', { guarantee: amounts({ cpu: second, memory: `${4 * second}Gi` }) }),
      tenant('c', { revocable: true }),
    ],
    apps: [
      ...claims.map((one, i) => ({ ...one, framework: i === 1 ? ('b' as const) : ('a' as const) })),
      ...guests.map((one) => ({ ...one, framework: 'c' as const, count: 1 })),
    ],
  }));

const demandsOf = ({ apps, together }: World): readonly Demand[] => {
  const names = apps.slice(0, together).map((_, i) => `app${i}`);
  const gang = { key: names.join(' '), apps: names, lead: names[0] ?? '' };
  return apps.map(({ framework, cpu, memoryGi, count }, i) => {
    const requests = { cpu, memory: `${memoryGi}Gi` };
    const own = i < together && names.length > 1 ? { gang } : {};
    // The first come last, so that a gang finds something lent out.
    const pendingSinceSeconds = NOW - i;
    return demand(`app${i}`, { framework, count, member: { requests }, pendingSinceSeconds, ...own });
  });
};

/** A cluster that carries everything out at once; what is freed is the claimant's. */
class Cluster {
  readonly view: ClusterView;
  readonly #tenants: readonly Tenant[];
  waiting: readonly Demand[];
  readonly #held = new Map<string, readonly AcceptedSlot[]>();
  #turn = 0;

  constructor(world: World) {
    const { tenants, nodes } = world;
    this.view = viewOf(...Array.from({ length: nodes }, (_, i) => nodeFacts(`n${i}`)));
    this.#tenants = tenants;
    this.waiting = demandsOf(world);
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
      this.#held.set(decision.app.uid, decision.slots);
      return [asked];
    });
    this.waiting = this.waiting.filter((one) => !placed.includes(one));
    for (const { demands } of demandUnits(this.waiting)) {
      const found = reclaim(this.view, this.#tenants, demands, NOW);
      if (found !== undefined) return { accepted: placed.length, found };
    }
    return { accepted: placed.length, found: undefined };
  }

  /** Just these members go, and nobody asks for them. */
  without({ victims }: Reclaim): void {
    for (const { app, member, framework } of victims) {
      const left = (this.#held.get(app.uid) ?? []).filter((slot) => slot.member !== member);
      this.#held.set(app.uid, left);
      this.view.forget(app);
      this.view.assume(app, left, framework);
    }
  }

  evict({ victims, earmarks }: Reclaim, shapes: readonly Demand[]): void {
    const gone = shapes.filter(({ app }) => victims.some((victim) => victim.app.uid === app.uid));
    for (const { app } of gone) this.view.forget(app);
    for (const { app, places, framework } of earmarks) this.view.assume(app, places, framework);
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
      runs(200),
    );
  });

  test('goes to nobody who has more than that, and comes from nobody who has less', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const cluster = new Cluster(world);
        const { found } = cluster.turn();
        if (found === undefined) return;
        const asking = new Set(found.earmarks.map((one) => one.framework));
        const flat = world.tenants.every(({ parent }) => parent === undefined);
        for (const { framework } of found.victims) {
          const { guarantee = {}, revocable = false } = world.tenants.find(({ name }) => name === framework) ?? {};
          const charged = cluster.view.charges().get(framework) ?? {};
          expect(asking).not.toContain(framework);
          expect(revocable || !flat).toBe(true);
          const borrowed = ['cpu', 'memory'].some((name) => (charged[name] ?? 0) > (guarantee[name] ?? 0));
          expect(borrowed).toBe(true);
        }
        const { guaranteed, used } = found.guarantee;
        expect(used).toBeLessThan(guaranteed);
      }),
      runs(200),
    );
  });

  test('is enough: once those are gone who are asked to go, all who start together have their places, just there', () => {
    const seen = { alone: 0, together: 0 };
    fc.assert(
      fc.property(lentOut, (world) => {
        const cluster = new Cluster(world);
        const claims = cluster.waiting.slice(0, world.together);
        cluster.waiting = cluster.waiting.slice(world.together);
        cluster.turn();
        cluster.waiting = claims;
        const { found } = cluster.turn();
        if (found === undefined) return;
        const unit = cluster.waiting.filter(({ app }) => found.earmarks.some((one) => one.app.uid === app.uid));
        expect(unit).toHaveLength(found.earmarks.length);
        const before = allocate(cluster.view, world.tenants, unit, NOW);
        expect(before.map(({ kind }) => kind)).toEqual(unit.map(() => 'decline'));
        cluster.without(found);
        seen[unit.length > 1 ? 'together' : 'alone'] += 1;
        const after = allocate(cluster.view, world.tenants, unit, NOW);
        const places = new Map(after.map((one) => [one.app.uid, one.kind === 'accept' ? one.slots : []]));
        for (const { app, places: promised } of found.earmarks) expect(places.get(app.uid)).toEqual(promised);
      }),
      runs(250),
    );
    // The law says something of both.
    expect(Math.min(seen.alone, seen.together)).toBeGreaterThan(20);
  });
});
