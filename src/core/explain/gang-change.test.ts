import { describe, expect, test } from '@jest/globals';
import { allocate } from '../allocator/allocate.ts';
import type { Demand } from '../allocator/demand.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import {
  GI,
  NOW,
  capacityFacts,
  demand,
  nodeFacts,
  podFacts,
  storageClassFacts,
  tenant,
  viewOf,
  volumeDemand,
} from '../../../test/support/core-builders.ts';

function changeFor(view: ClusterView, wanted: Demand): string | undefined {
  const [decision] = allocate(view, [tenant()], [wanted], NOW);
  if (decision?.kind !== 'decline') throw new Error('it fits');
  return decision.smallestChange;
}

const HOSTS = { constraints: [{ key: '@hostname', operator: 'Unique' }] } as const;

describe('the smallest change for a gang', () => {
  test('is one for all members that lack a place', () => {
    const view = viewOf(nodeFacts('n1'));
    expect(changeFor(view, demand('db', { count: 3, member: { requests: { cpu: '2' } } }))).toBe(
      '2000m more cpu on n1',
    );
    const large = demand('db', { count: 3, member: { requests: { cpu: '2', memory: '7Gi' } } });
    expect(changeFor(view, large)).toBe('2000m more cpu on n1 and 5Gi more memory on n1');
  });

  test('is a new node when what is lacking is as much as one has', () => {
    const wanted = demand('db', { count: 4, member: { requests: { cpu: '2' } } });
    expect(changeFor(viewOf(nodeFacts('n1')), wanted)).toBe('one more node like n1 with 4000m cpu, 2Gi memory free');
  });

  test('is as many new nodes as members, where each needs a node of its own', () => {
    const view = viewOf(nodeFacts('n1', { zone: 'a' }), nodeFacts('n2', { zone: 'b' }));
    expect(changeFor(view, demand('db', { count: 4, rules: HOSTS }))).toBe(
      '2 more nodes like n1 in zone a with 1000m cpu, 1Gi memory free on each',
    );
  });

  test('is a new node in the zone that has fewest members', () => {
    const view = viewOf(nodeFacts('n1', { zone: 'a' }), nodeFacts('n2', { zone: 'b' }), nodeFacts('n3', { zone: 'a' }));
    const rules = { constraints: [...HOSTS.constraints, { key: '@zone', operator: 'GroupBy' }] } as const;
    expect(changeFor(view, demand('db', { count: 4, rules }))).toBe(
      'one more node like n2 in zone b with 1000m cpu, 1Gi memory free',
    );
  });

  test('names the storage that comes with a new node', () => {
    const view = viewOf(nodeFacts('n1'));
    view.setStorageClass(storageClassFacts('fast'));
    view.setCapacity(capacityFacts('c1', { nodeLabels: { 'kubernetes.io/hostname': 'n1' }, capacityBytes: 100 * GI }));
    const wanted = demand('db', { count: 2, member: { volumes: [volumeDemand('data')] }, rules: HOSTS });
    expect(changeFor(view, wanted)).toBe(
      'one more node like n1 with 1000m cpu, 1Gi memory, 10Gi of storage class fast free',
    );
  });

  test('mixes what is least for each: an end of a cordon, more on a node, new nodes', () => {
    const view = viewOf(nodeFacts('n1'), nodeFacts('n2', { unschedulable: true }), nodeFacts('n3'));
    view.setPod(podFacts('other', { nodeName: 'n1', requests: { cpu: '3500m' } }));
    expect(changeFor(view, demand('db', { count: 5, rules: HOSTS }))).toBe(
      'uncordon n2, 500m more cpu on n1 and 2 more nodes like n1 with 1000m cpu, 1Gi memory free on each',
    );
  });

  test('asks for no more than must start together', () => {
    const view = viewOf(nodeFacts('n1'));
    const wanted = demand('db', { count: 5, minMembers: 3, member: { requests: { cpu: '2' } } });
    expect(changeFor(view, wanted)).toBe('2000m more cpu on n1');
  });

  test('is none where only another app would help', () => {
    expect(
      changeFor(
        viewOf(nodeFacts('n1')),
        demand('db', { rules: { constraints: [{ key: 'rack', operator: 'MaxPer', value: '0' }] } }),
      ),
    ).not.toContain('like');
  });
});
