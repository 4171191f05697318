// The numbers of docs/concepts/offers.md about gangs, checked against the functions that decide.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { allocate } from '../../src/core/allocator/allocate.ts';
import type { Demand } from '../../src/core/allocator/demand.ts';
import { reclaim } from '../../src/core/fairness/reclaim.ts';
import type { ClusterView } from '../../src/core/view/cluster-view.ts';
import { NOW, amounts, demand, nodeFacts, reservation, slot, tenant, viewOf } from '../support/core-builders.ts';

const PAGE = readFileSync(new URL('../../docs/concepts/offers.md', import.meta.url), 'utf8');

const TENANTS = [
  tenant('search', { guarantee: amounts({ cpu: 8, memory: '32Gi' }) }),
  tenant('batch', { revocable: true }),
  tenant('firm'),
];

const gang = { key: 'shop/master data', apps: ['master', 'data'], lead: 'master' };
const resources = (cpu: number) => ({ cpu: String(cpu), memory: '1Gi', pods: '1' });

/** Three nodes of 4 CPU; all but one CPU of `n3` is taken, two nodes by who borrowed them. */
function cluster(): ClusterView {
  const view = viewOf(nodeFacts('n1'), nodeFacts('n2'), nodeFacts('n3'));
  const lent = ['n1', 'n2'].map((node, i) => slot(`crunch-${i}`, node, { resources: resources(4) }));
  view.setReservation(reservation('crunch', lent, { framework: 'batch' }));
  view.setReservation(reservation('web', [slot('web-0', 'n3', { resources: resources(3) })], { framework: 'firm' }));
  return view;
}

function pair(frameworkOfMaster = 'search', cpuOfData = '3'): readonly Demand[] {
  return [
    demand('master', { framework: frameworkOfMaster, gang, member: { requests: { cpu: '1' } } }),
    demand('data', { framework: 'search', gang, count: 2, member: { requests: { cpu: cpuOfData } } }),
  ];
}

const victims = (demands: readonly Demand[]) =>
  reclaim(cluster(), TENANTS, demands, NOW)?.victims.map(({ member }) => member);

describe('the example of a gang', () => {
  test('is refused whole, with the reason and the smallest change that the page prints', () => {
    const [master, data] = allocate(cluster(), TENANTS, pair(), NOW);
    const why = '0 of 3 nodes fit: 3 InsufficientCPU (needs 3000m, most free 1000m on n3)';
    const change = '2000m more cpu on n3 and 4000m more cpu on n1';
    expect(master).toMatchObject({ kind: 'decline', reason: 'GangIncomplete', smallestChange: change });
    expect(master).toMatchObject({ message: `master starts together with data, which waits: ${why}` });
    expect(data).toMatchObject({ kind: 'decline', message: why, smallestChange: change });
    for (const printed of [why, change]) expect(PAGE).toContain(`\`${printed}\``);
  });

  test('starts when that change is made', () => {
    const view = cluster();
    for (const [name, cpu] of [
      ['n3', '6'],
      ['n1', '8'],
    ] as const) {
      view.setNode(nodeFacts(name, { allocatable: { cpu, memory: '16Gi', pods: 110 } }));
    }
    const placed = allocate(view, TENANTS, pair(), NOW).flatMap((one) => (one.kind === 'accept' ? one.slots : []));
    expect(placed.map(({ member, node }) => `${member} on ${node}`).toSorted()).toEqual([
      expect.stringMatching(/^data-0 on n[13]$/),
      expect.stringMatching(/^data-1 on n[13]$/),
      'master-0 on n1',
    ]);
  });

  test('has its guarantee back from both who borrowed it, and its places kept', () => {
    const found = reclaim(cluster(), TENANTS, pair(), NOW);
    expect(found?.victims.map(({ member }) => member).toSorted()).toEqual(['crunch-0', 'crunch-1']);
    expect(found?.guarantee).toEqual({ resource: 'cpu', guaranteed: 8000, used: 0 });
    const places = found?.earmarks.flatMap((one) => one.places.map(({ member, node }) => `${member} on ${node}`)) ?? [];
    expect(places.toSorted()).toEqual(['data-0 on n1', 'data-1 on n2', 'master-0 on n1']);
  });

  test('makes nobody go for more than is guaranteed, nor for the app that is guaranteed nothing', () => {
    expect(victims(pair('search', '4'))).toBeUndefined();
    expect(victims(pair('firm'))).toHaveLength(2);
    const large = demand('master', { framework: 'firm', gang, member: { requests: { cpu: '2' } } });
    expect(victims([large, ...pair().slice(1)])).toBeUndefined();
  });
});
