import { describe, expect, test } from '@jest/globals';
import {
  GI,
  NOW,
  capacityFacts,
  csiNodeFacts,
  demand,
  memberDemand,
  nodeFacts,
  podFacts,
  storageClassFacts,
  tenant,
  viewOf,
  volumeDemand,
} from '../../../../test/support/core-builders.ts';
import { allocate } from '../../allocator/allocate.ts';
import type { Demand, WeightedPolicy } from '../../allocator/demand.ts';
import type { ClusterView } from '../../view/cluster-view.ts';

function chosen(view: ClusterView, asked: Demand): string {
  const [decision] = allocate(view, [tenant()], [asked], NOW);
  return decision?.kind === 'accept' ? (decision.slots[0]?.node ?? '') : 'nowhere';
}

function liking(name: WeightedPolicy['name'], member: Parameters<typeof memberDemand>[2] = {}): Demand {
  return demand('es', { member, rules: { policies: [{ name, weight: 1 }] } });
}

/** Two nodes of 4 CPU and 16Gi; "used" has half of both left. */
function uneven(): ClusterView {
  const view = viewOf(nodeFacts('empty'), nodeFacts('used'));
  view.setPod(podFacts('other', { nodeName: 'used', requests: { cpu: '2', memory: '8Gi' } }));
  return view;
}

const both = (spread: number, pack: number): Demand =>
  demand('es', {
    placed: [{ member: 'es-1', node: 'used' }],
    rules: {
      policies: [
        { name: 'spread', weight: spread },
        { name: 'pack', weight: pack },
      ],
    },
  });

describe('a policy', () => {
  test('spread likes the host and zone with fewest members', () => {
    const view = viewOf(nodeFacts('n1', { zone: 'a' }), nodeFacts('n2', { zone: 'a' }), nodeFacts('n3', { zone: 'b' }));
    const placed = [{ member: 'es-1', node: 'n1' }];
    expect(chosen(view, demand('es', { placed }))).toBe('n3');
    view.deleteNode('n3');
    expect(chosen(view, demand('es', { placed }))).toBe('n2');
  });

  test('headroom likes the emptiest, pack the fullest', () => {
    expect(chosen(uneven(), liking('headroom'))).toBe('empty');
    expect(chosen(uneven(), liking('pack'))).toBe('used');
  });

  test('pack likes the node whose scarce resources are left even', () => {
    const view = viewOf(nodeFacts('cpu-heavy'), nodeFacts('memory-heavy'));
    view.setPod(podFacts('a', { nodeName: 'cpu-heavy', requests: { cpu: '2', memory: '0' } }));
    view.setPod(podFacts('b', { nodeName: 'memory-heavy', requests: { cpu: '0', memory: '8Gi' } }));
    expect(chosen(view, liking('pack', { requests: { cpu: '100m', memory: '8Gi' } }))).toBe('cpu-heavy');
    expect(chosen(view, liking('pack', { requests: { cpu: '2', memory: '100Mi' } }))).toBe('memory-heavy');
  });

  test('pack counts attach slots and pool bytes among what can be stranded', () => {
    const view = viewOf(nodeFacts('n1'), nodeFacts('n2'));
    view.setStorageClass(storageClassFacts());
    for (const [node, bytes, limit] of [
      ['n1', 1000 * GI, 100],
      ['n2', 20 * GI, 2],
    ] as const) {
      view.setCapacity(capacityFacts(node, { nodeLabels: { 'kubernetes.io/hostname': node }, capacityBytes: bytes }));
      view.setCsiNode(csiNodeFacts(node, limit));
    }
    expect(chosen(view, liking('pack', { requests: { cpu: '2', memory: '8Gi' }, volumes: [volumeDemand('d')] }))).toBe(
      'n2',
    );
  });

  test('pack strands neither the pool nor the attach slots of a node with a member that wants no storage', () => {
    const view = viewOf(nodeFacts('a-pool'), nodeFacts('plain'));
    view.setStorageClass(storageClassFacts());
    view.setCapacity(capacityFacts('c', { nodeLabels: { 'kubernetes.io/hostname': 'a-pool' } }));
    expect(chosen(view, liking('pack', { requests: { cpu: '2', memory: '8Gi' } }))).toBe('plain');
    const attaching = viewOf(nodeFacts('a-disks'), nodeFacts('plain'));
    attaching.setCsiNode(csiNodeFacts('a-disks', 20));
    expect(chosen(attaching, liking('pack', { requests: { cpu: '2', memory: '8Gi' } }))).toBe('plain');
  });

  test('pack does not mind a pool that other nodes reach, too', () => {
    const view = viewOf(nodeFacts('a-zone', { zone: 'a' }), nodeFacts('z-zone', { zone: 'a' }), nodeFacts('plain'));
    view.setStorageClass(storageClassFacts());
    view.setCapacity(capacityFacts('c', { nodeLabels: { 'topology.kubernetes.io/zone': 'a' } }));
    expect(chosen(view, liking('pack', { requests: { cpu: '2', memory: '8Gi' } }))).toBe('a-zone');
  });

  test('stickiness likes the node that the member had', () => {
    expect(chosen(uneven(), liking('stickiness', { previousNode: 'used' }))).toBe('used');
    expect(chosen(uneven(), liking('stickiness'))).toBe('empty');
  });

  test('locality likes the pool’s segment that the member had', () => {
    const view = viewOf(
      nodeFacts('n1', { zone: 'a' }),
      nodeFacts('n2', { zone: 'b', ready: false }),
      nodeFacts('n3', { zone: 'b' }),
    );
    view.setStorageClass(storageClassFacts());
    for (const zone of ['a', 'b']) {
      view.setCapacity(capacityFacts(zone, { nodeLabels: { 'topology.kubernetes.io/zone': zone } }));
    }
    const volumes = [volumeDemand('d')];
    expect(chosen(view, liking('locality', { volumes, previousNode: 'n2' }))).toBe('n3');
    expect(chosen(view, liking('locality', { volumes }))).toBe('n1');
  });

  test('gpu-shy keeps off GPU nodes who wants none, and only prefers', () => {
    const view = viewOf(nodeFacts('a-gpu', { allocatable: { 'nvidia.com/gpu': 1 } }), nodeFacts('plain'));
    expect(chosen(view, liking('gpu-shy'))).toBe('plain');
    expect(chosen(view, liking('gpu-shy', { requests: { 'nvidia.com/gpu': 1 } }))).toBe('a-gpu');
    view.deleteNode('plain');
    expect(chosen(view, liking('gpu-shy'))).toBe('a-gpu');
  });

  test('counts by its weight', () => {
    expect(chosen(uneven(), both(10, 1))).toBe('empty');
    expect(chosen(uneven(), both(1, 10))).toBe('used');
  });
});
