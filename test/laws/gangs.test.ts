import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { allocate } from '../../src/core/allocator/allocate.ts';
import type { Decision } from '../../src/core/allocator/decision.ts';
import type { Demand } from '../../src/core/allocator/demand.ts';
import type { ClusterView } from '../../src/core/view/cluster-view.ts';
import { NOW, amounts, tenant } from '../support/core-builders.ts';
import { someDemands, world } from './arbitrary-demands.ts';

const TENANTS = [
  tenant('org', { limit: amounts({ cpu: '7' }) }),
  tenant('tenant-a', { parent: 'org', limit: amounts({ cpu: '5' }) }),
  tenant('tenant-b', { parent: 'org' }),
];

/** The first `count` apps are one gang, the others start for themselves. */
function together(demands: readonly Demand[], count: number): readonly Demand[] {
  const apps = demands.slice(0, count).map(({ app }) => app.name);
  const gang = { key: apps.join(' '), apps, lead: apps[0] ?? '' };
  return demands.map((demand, i) => (i < count ? { ...demand, gang } : demand));
}

const ofGang = (decisions: readonly Decision[], demands: readonly Demand[]) =>
  decisions.filter(({ app }) => demands.some((demand) => demand.app.uid === app.uid && demand.gang !== undefined));

function freeOf(view: ClusterView, nodes: readonly { readonly name: string }[]): readonly number[] {
  return nodes.flatMap(({ name }) => Object.values(view.free(name)));
}

describe('a gang of several apps', () => {
  test('is whole or absent: each app has its minimum, or none has anything', () => {
    const seen = { accept: 0, decline: 0 };
    fc.assert(
      fc.property(world, someDemands, fc.integer({ min: 2, max: 4 }), ({ nodes, build }, some, count) => {
        const demands = together(some, count);
        const decisions = allocate(build(nodes), TENANTS, demands, NOW);
        expect(decisions).toHaveLength(demands.length);
        const gang = ofGang(decisions, demands);
        expect(new Set(gang.map(({ kind }) => kind)).size).toBe(1);
        seen[gang[0]?.kind ?? 'decline'] += 1;
        for (const decision of gang) {
          const asked = demands.find(({ app }) => app.uid === decision.app.uid);
          if (decision.kind === 'decline') expect(decision.message).not.toBe('');
          else expect(decision.slots.length).toBeGreaterThanOrEqual(Math.max(1, asked?.minMembers ?? 0));
        }
      }),
      { numRuns: 400 },
    );
    // The law says something of both.
    expect(Math.min(seen.accept, seen.decline)).toBeGreaterThan(20);
  });

  test('never takes more than there is, nor more than its tenants and those above them may have', () => {
    fc.assert(
      fc.property(world, someDemands, ({ nodes, build }, some) => {
        const demands = together(some, 3);
        const view = build(nodes);
        const before = freeOf(view, nodes);
        for (const decision of allocate(view, TENANTS, demands, NOW)) {
          const framework = demands.find(({ app }) => app.uid === decision.app.uid)?.framework;
          if (decision.kind === 'accept') view.assume(decision.app, decision.slots, framework);
        }
        for (const [i, free] of freeOf(view, nodes).entries())
          expect(free).toBeGreaterThanOrEqual(Math.min(0, before[i] ?? 0));
        const cpu = (name: string) => view.charges().get(name)?.['cpu'] ?? 0;
        expect(cpu('tenant-a')).toBeLessThanOrEqual(5000);
        expect(cpu('tenant-a') + cpu('tenant-b')).toBeLessThanOrEqual(7000);
      }),
      { numRuns: 300 },
    );
  });

  test('that is declined leaves everything to another app', () => {
    fc.assert(
      fc.property(world, someDemands, ({ nodes, build }, some) => {
        // One other: of several, the gang's place in the queue changes who of them comes first.
        const demands = together(some.slice(0, 3), 2);
        const decisions = allocate(build(nodes), TENANTS, demands, NOW);
        const other = demands[2];
        if (other === undefined || ofGang(decisions, demands)[0]?.kind !== 'decline') return;
        const beside = decisions.find(({ app }) => app.uid === other.app.uid);
        expect(beside).toEqual(allocate(build(nodes), TENANTS, [other], NOW)[0]);
      }),
      { numRuns: 200 },
    );
  });
});
