import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Tenant } from '../../src/core/allocator/decision.ts';
import { TurnTree } from '../../src/core/fairness/turn-tree.ts';
import type { Resources } from '../../src/core/resources/resources.ts';
import { add } from '../../src/core/resources/vector.ts';
import { tenant } from '../support/core-builders.ts';
import { type Tasks, chargesOf, contestTree, takeTurns } from '../support/tenant-turns.ts';
import { type NaiveClaim, naiveNext } from './naive-turns.ts';
import { runs } from '../support/law-runs.ts';

const RESOURCES = ['cpu', 'memory', 'nvidia.com/gpu'] as const;
const TOTALS: Resources = { cpu: 10_000, memory: 10_000, 'nvidia.com/gpu': 10_000 };
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

/** Amounts of at most `max` of some of the resources. */
const some = (max: number): fc.Arbitrary<Resources> =>
  fc
    .tuple(...RESOURCES.map((name) => fc.tuple(fc.constant(name), fc.option(fc.integer({ min: 0, max })))))
    .map((pairs) => Object.fromEntries(pairs.flatMap(([name, amount]) => (amount === null ? [] : [[name, amount]]))));

/** Tenants whose parents are among those before them, or nobody. */
const tenants = fc
  .array(
    fc.record({
      above: fc.nat(NAMES.length),
      weight: fc.integer({ min: 1, max: 4 }),
      guarantee: fc.oneof(fc.constant({}), some(3000)),
      lendingLimit: fc.oneof(fc.constant({}), some(2000)),
      limit: fc.oneof(fc.constant({}), some(9000)),
    }),
    { minLength: 1, maxLength: NAMES.length },
  )
  .map((made) =>
    made.map(({ above, ...rest }, i): Tenant => {
      const parent = above < i ? NAMES[above] : undefined;
      return tenant(NAMES[i] ?? '', { parent, ...rest });
    }),
  );

function leavesOf(all: readonly Tenant[]): readonly string[] {
  return all.map(({ name }) => name).filter((name) => !all.some(({ parent }) => parent === name));
}

const task = some(50).filter((amounts) => Object.values(amounts).some((amount) => amount > 0));

const claims = fc.array(
  fc.record({
    request: task,
    priority: fc.nat(1),
    pendingSinceSeconds: fc.nat(2),
    uid: fc.string({ minLength: 1, maxLength: 1, unit: fc.constantFrom('x', 'y') }),
  }),
  { minLength: 1, maxLength: 40 },
);

/** Tenants side by side with equal rights, each with a task of its own. */
const contest = fc.array(fc.record({ task, weight: fc.integer({ min: 1, max: 4 }) }), { minLength: 2, maxLength: 6 });

interface Entrant extends Tasks {
  readonly weight: number;
}

function flat(entrants: readonly Entrant[]) {
  return takeTurns({
    totals: TOTALS,
    tenants: entrants.map(({ weight }, i) => tenant(NAMES[i] ?? '', { weight })),
    wants: Object.fromEntries(entrants.map((entrant, i) => [NAMES[i] ?? '', entrant])),
  });
}

function dominant(amounts: Resources): number {
  return Math.max(...RESOURCES.map((name) => (amounts[name] ?? 0) / (TOTALS[name] ?? 1)));
}

/** What a task moves at most: shares are equal to within a few of these. */
const GRAIN = 50 / 10_000;

describe('turns', () => {
  test('are those of a search from the root that works everything out anew', () => {
    fc.assert(
      fc.property(tenants, claims, some(500), (all, waiting, charge) => {
        const leaves = leavesOf(all);
        const charges = Object.fromEntries(leaves.map((name, i) => [name, i % 2 === 0 ? charge : {}]));
        const tree = contestTree({ totals: TOTALS, tenants: all, charges });
        const turns = new TurnTree(tree);
        const queues = new Map<string, NaiveClaim[]>(leaves.map((name) => [name, []]));
        for (const [i, claim] of waiting.entries()) queues.get(leaves[i % leaves.length] ?? '')?.push(claim);
        const enter = (name: string): void => {
          const claim = queues.get(name)?.[0];
          const request = claim === undefined ? undefined : { ...claim, request: tree.vectorOf(claim.request) };
          turns.set(tree.numberOf(name) ?? 0, request);
        };
        for (const name of leaves) enter(name);
        let charged = charges;
        for (let turn = 0; turn <= waiting.length; turn += 1) {
          const heads = new Map([...queues].flatMap(([name, [head]]) => (head === undefined ? [] : [[name, head]])));
          const leaf = turns.next();
          const name = leaf === undefined ? undefined : tree.nameOf(leaf);
          expect(name).toBe(naiveNext({ tenants: all, totals: TOTALS, charges: charged, claims: heads }));
          const served = queues.get(name ?? '')?.shift();
          if (name === undefined || served === undefined) continue;
          tree.charge(name, served.request);
          charged = { ...charged, [name]: add(charged[name] ?? {}, served.request) };
          enter(name);
        }
      }),
      runs(300),
    );
  });

  test('give nobody less than its weight’s part of the cluster (sharing incentive)', () => {
    fc.assert(
      fc.property(contest, (entrants) => {
        const { counts } = flat(entrants);
        const weights = entrants.reduce((sum, { weight }) => sum + weight, 0);
        for (const [i, { task, weight }] of entrants.entries()) {
          const share = (counts[NAMES[i] ?? ''] ?? 0) * dominant(task);
          expect(share).toBeGreaterThanOrEqual(weight / weights - 2 * GRAIN);
        }
      }),
      runs(100),
    );
  });

  test('leave nobody who would rather have what another of its weight has (envy-freeness)', () => {
    fc.assert(
      fc.property(contest, (entrants) => {
        const { counts, tree } = flat(entrants);
        for (const [i, { task, weight }] of entrants.entries()) {
          const own = (counts[NAMES[i] ?? ''] ?? 0) * dominant(task);
          for (const [j, other] of entrants.entries()) {
            if (i === j) continue;
            const has = tree.chargedTo(NAMES[j] ?? '');
            const wanted = RESOURCES.filter((name) => (task[name] ?? 0) > 0);
            const times = Math.min(...wanted.map((name) => (has[name] ?? 0) / (task[name] ?? 1)));
            expect((times * dominant(task)) / other.weight).toBeLessThanOrEqual(own / weight + 3 * GRAIN);
          }
        }
      }),
      runs(100),
    );
  });

  test('leave nothing that somebody could still use (Pareto efficiency)', () => {
    fc.assert(
      fc.property(contest, (entrants) => {
        const { tree } = flat(entrants);
        const free = tree.columns.resources(tree.unlendable.free);
        for (const { task } of entrants) {
          expect(Object.keys(task).some((name) => (task[name] ?? 0) > (free[name] ?? 0))).toBe(true);
        }
      }),
      runs(50),
    );
  });

  test('never give a tenant less because its weight was raised', () => {
    fc.assert(
      fc.property(contest, fc.integer({ min: 1, max: 3 }), (entrants, more) => {
        const [first, ...others] = entrants;
        if (first === undefined) return;
        const before = flat(entrants).counts['a'] ?? 0;
        const after = flat([{ ...first, weight: first.weight + more }, ...others]).counts['a'] ?? 0;
        expect(after * dominant(first.task)).toBeGreaterThanOrEqual(before * dominant(first.task) - 2 * GRAIN);
      }),
      runs(100),
    );
  });

  test('keep every limit, of inner tenants too', () => {
    fc.assert(
      fc.property(tenants, fc.array(task, { minLength: 7, maxLength: 7 }), (all, tasks) => {
        const wants = Object.fromEntries(leavesOf(all).map((name, i) => [name, { task: tasks[i] ?? {} }]));
        const { tree } = takeTurns({ totals: TOTALS, tenants: all, wants });
        for (const { name, limit } of all) {
          const charged = tree.chargedTo(name);
          for (const [resource, most] of Object.entries(limit)) {
            expect(charged[resource] ?? 0).toBeLessThanOrEqual(most);
          }
        }
      }),
      runs(100),
    );
  });

  test('keep free for each tenant what it does not lend, whoever came before it', () => {
    fc.assert(
      fc.property(tenants, fc.nat(NAMES.length), fc.array(task, { minLength: 7, maxLength: 7 }), (all, late, tasks) => {
        // Guarantees that fit into the cluster and limits that do not bind: else the promise cannot be kept by anybody.
        const scaled = all.map((one) => ({ ...one, limit: {}, guarantee: third(one.guarantee, all.length) }));
        const leaves = leavesOf(scaled);
        const name = leaves[late % leaves.length] ?? '';
        const early = Object.fromEntries(
          leaves.flatMap((leaf, i) => (leaf === name ? [] : [[leaf, { task: tasks[i] ?? {} }]])),
        );
        const before = takeTurns({ totals: TOTALS, tenants: scaled, wants: early });
        const own = scaled.find((one) => one.name === name);
        for (const resource of RESOURCES) {
          const lent = own?.lendingLimit[resource] ?? own?.guarantee[resource] ?? 0;
          const kept = Math.max(0, (own?.guarantee[resource] ?? 0) - lent);
          const after = takeTurns({
            totals: TOTALS,
            tenants: scaled,
            charges: chargesOf(before),
            wants: { [name]: { task: { [resource]: 1 }, count: kept } },
          });
          expect(after.counts[name]).toBe(kept);
        }
      }),
      runs(60),
    );
  });
});

function third(amounts: Resources, parts: number): Resources {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, Math.floor(amount / parts)]));
}
