import { describe, expect, test } from '@jest/globals';
import {
  NOW,
  amounts,
  demand,
  nodeFacts,
  reservation,
  slot,
  tenant,
  viewOf,
} from '../../../test/support/core-builders.ts';
import { allocate } from '../allocator/allocate.ts';
import type { Tenant } from '../allocator/decision.ts';
import type { Resources } from '../resources/resources.ts';
import { frameworkShares, sharesOf } from './framework-shares.ts';

const cpu = (count: number) => amounts({ cpu: count });

function fair(
  totals: Resources,
  tenants: readonly Tenant[],
  pending?: Readonly<Record<string, Resources>>,
): Readonly<Record<string, number>> {
  const wants = pending === undefined ? undefined : new Map(Object.entries(pending));
  const shares = sharesOf(tenants, new Map(), { totals, free: totals }, wants);
  return Object.fromEntries(shares.map(({ name, fairShare }) => [name, Number(fairShare.toFixed(2))]));
}

describe('the fair share', () => {
  test('of everybody who wants all there is goes by weight', () => {
    expect(fair(cpu(10), [tenant('a'), tenant('b', { weight: 3 })])).toEqual({ a: 0.25, b: 0.75 });
  });

  test('of one that wants less is what it wants, and the others have the rest', () => {
    const tenants = [tenant('a'), tenant('b'), tenant('c')];
    expect(fair(cpu(10), tenants, { a: cpu(1), b: cpu(9), c: cpu(9) })).toEqual({ a: 0.1, b: 0.45, c: 0.45 });
  });

  test('of an idle tenant is nothing', () => {
    expect(fair(cpu(10), [tenant('a'), tenant('b')], { a: cpu(99) })).toEqual({ a: 1, b: 0 });
  });

  test('is of the dominant resource: two thirds each (Ghodsi et al., NSDI 2011, §4.1, divided at will)', () => {
    const [a, b] = [amounts({ cpu: 100, memory: '400Gi' }), amounts({ cpu: 300, memory: '100Gi' })];
    const found = fair(amounts({ cpu: 9, memory: '18Gi' }), [tenant('a'), tenant('b')], { a, b });
    expect(found).toEqual({ a: 0.67, b: 0.67 });
  });

  test('goes down the tree, and an inner tenant has what those below it have', () => {
    const tenants = [
      tenant('org'),
      tenant('a', { parent: 'org' }),
      tenant('b', { parent: 'org', weight: 4 }),
      tenant('other'),
    ];
    expect(fair(cpu(100), tenants)).toEqual({ org: 0.5, a: 0.1, b: 0.4, other: 0.5 });
  });

  test('comes after guarantees, keeps limits, and leaves what others do not lend', () => {
    const tenants = [
      tenant('sure', { guarantee: cpu(50) }),
      tenant('bound', { limit: cpu(10) }),
      tenant('idle', { guarantee: cpu(20), lendingLimit: cpu(0) }),
      tenant('rest'),
    ];
    const all = cpu(100);
    expect(fair(all, tenants, { sure: all, bound: all, rest: all })).toEqual({
      sure: 0.6,
      bound: 0.1,
      idle: 0,
      rest: 0.1,
    });
  });
});

describe('shares', () => {
  const tenants = [
    tenant('light'),
    tenant('heavy', { weight: 2 }),
    tenant('sure', { guarantee: amounts({ cpu: 12, memory: '48Gi' }) }),
  ];
  const nodes = Array.from({ length: 9 }, (_, i) => nodeFacts(`n${i}`));

  test('after a round of turns are the fair ones', () => {
    const view = viewOf(...nodes);
    const demands = tenants.flatMap(({ name }) =>
      Array.from({ length: 36 }, (_, i) =>
        demand(`${name}-${i}`, { framework: name, member: { requests: { memory: '4Gi' } } }),
      ),
    );
    const expected = frameworkShares(view, tenants, demands);
    for (const decision of allocate(view, tenants, demands, NOW)) {
      const framework = demands.find(({ app }) => app.uid === decision.app.uid)?.framework ?? '';
      if (decision.kind === 'accept') view.assume(decision.app, decision.slots, framework);
    }
    const found = frameworkShares(view, tenants, demands);
    for (const [i, { name, share }] of found.entries()) {
      expect({ name, off: Math.abs(share - (expected[i]?.fairShare ?? 0)) < 0.03 }).toEqual({ name, off: true });
    }
    expect(found.map(({ name }) => name)).toEqual(['heavy', 'light', 'sure']);
  });

  test('say what is charged', () => {
    const view = viewOf(...nodes);
    view.setReservation(reservation('old', [slot('old-0', 'n1')], { framework: 'light' }));
    expect(frameworkShares(view, tenants).find(({ name }) => name === 'light')).toMatchObject({
      charged: amounts({ cpu: 1, memory: '1Gi' }),
      share: 1 / 36,
    });
  });
});
