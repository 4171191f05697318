import { describe, expect, test } from '@jest/globals';
import { amounts, tenant } from '../../../test/support/core-builders.ts';
import { type Contest, contestTree, takeTurns } from '../../../test/support/tenant-turns.ts';
import { TurnTree } from './turn-tree.ts';

const GPU = 'nvidia.com/gpu';
const cpu = (count: number) => amounts({ cpu: count });
const gpu = (count: number) => amounts({ [GPU]: count });
const below = (parent: string, name: string, weight = 1) => tenant(name, { parent, weight });

/** From papers and from what other schedulers document; each gets as many tasks as stand there. */
const EXAMPLES: readonly { what: string; source: string; contest: Contest; counts: Record<string, number> }[] = [
  {
    what: 'dominant shares are made equal: 3 and 2 tasks',
    source:
      'Ghodsi et al., Dominant Resource Fairness, NSDI 2011, §4.1 (9 CPU, 18 GB, ⟨1 CPU, 4 GB⟩ and ⟨3 CPU, 1 GB⟩)',
    contest: {
      totals: amounts({ cpu: 9, memory: '18Gi' }),
      tenants: [tenant('a'), tenant('b')],
      wants: { a: { task: amounts({ cpu: 1, memory: '4Gi' }) }, b: { task: amounts({ cpu: 3, memory: '1Gi' }) } },
    },
    counts: { a: 3, b: 2 },
  },
  {
    what: 'dominant shares in proportion to weights: with weight 2 a has 18 of 27 CPU, b half of that in memory',
    source: 'Ghodsi et al., NSDI 2011, §4.3 (weighted DRF: max-min over dominant share / weight)',
    contest: {
      totals: amounts({ cpu: 27, memory: '27Gi' }),
      tenants: [tenant('a', { weight: 2 }), tenant('b')],
      wants: { a: { task: amounts({ cpu: 2, memory: '1Gi' }) }, b: { task: amounts({ cpu: 1, memory: '1Gi' }) } },
    },
    counts: { a: 9, b: 9 },
  },
  {
    what: 'children that want different resources do not starve their parent: 5 and 5 GPUs, not 10 and 0',
    source:
      'Bhattacharya et al., Hierarchical Scheduling for Diverse Datacenter Workloads, SoCC 2013, §3.1: https://people.eecs.berkeley.edu/~alig/papers/h-drf.pdf',
    contest: {
      totals: { ...cpu(10), ...gpu(10) },
      tenants: [tenant('n1'), tenant('n2'), below('n2', 'n21'), below('n2', 'n22')],
      wants: { n1: { task: gpu(1) }, n21: { task: cpu(1) }, n22: { task: gpu(1) } },
    },
    counts: { n1: 5, n21: 10, n22: 5 },
  },
  {
    what: 'a child whose resource is used up does not give its sibling more: n32 has half of the GPUs, not two thirds',
    source: 'the same, §3.2; also https://github.com/volcano-sh/volcano/blob/master/docs/design/hdrf.md',
    contest: {
      totals: { ...cpu(12), ...gpu(12) },
      tenants: [tenant('n1'), tenant('n2'), tenant('n3'), below('n3', 'n31'), below('n3', 'n32'), tenant('n4')],
      wants: {
        n1: { task: cpu(1) },
        n2: { task: cpu(1) },
        n31: { task: cpu(1) },
        n32: { task: gpu(1) },
        n4: { task: gpu(1) },
      },
    },
    counts: { n1: 4, n2: 4, n31: 4, n32: 6, n4: 6 },
  },
  {
    what: 'an idle cohort of 300 GPUs is shared 150 and 150, and below that 30, 30 and 90',
    source: 'https://github.com/kubernetes-sigs/kueue/tree/main/keps/1714-fair-sharing, story 3',
    contest: {
      totals: gpu(300),
      tenants: [
        tenant('cs', { guarantee: gpu(300) }),
        tenant('c1'),
        tenant('c2'),
        below('c1', '1a'),
        below('c1', '1b'),
        below('c1', '1c', 3),
        below('c2', '2a'),
      ],
      wants: { '1a': { task: gpu(1) }, '1b': { task: gpu(1) }, '1c': { task: gpu(1) }, '2a': { task: gpu(1) } },
    },
    counts: { '1a': 30, '1b': 30, '1c': 90, '2a': 150 },
  },
  {
    what: 'a queue borrows at most what the other lends: 9 of its own and 1',
    source:
      'https://kueue.sigs.k8s.io/docs/concepts/cluster_queue/#lendinglimit (nominal quotas 9 and 12, lendingLimit 1)',
    contest: {
      totals: cpu(21),
      tenants: [
        tenant('team-a', { guarantee: cpu(9) }),
        tenant('team-b', { guarantee: cpu(12), lendingLimit: cpu(1) }),
      ],
      wants: { 'team-a': { task: cpu(1) } },
    },
    counts: { 'team-a': 10 },
  },
  {
    what: 'queues get what they deserve: 2 and 6 of 8 CPU',
    source: 'https://github.com/volcano-sh/volcano/blob/master/docs/user-guide/how_to_use_capacity_plugin.md',
    contest: {
      totals: amounts({ cpu: 8, memory: '32Gi' }),
      tenants: [
        tenant('queue1', { guarantee: amounts({ cpu: 2, memory: '8Gi' }) }),
        tenant('queue2', { guarantee: amounts({ cpu: 6, memory: '24Gi' }) }),
      ],
      wants: {
        queue1: { task: amounts({ cpu: 1, memory: '4Gi' }), count: 8 },
        queue2: { task: amounts({ cpu: 1, memory: '4Gi' }), count: 8 },
      },
    },
    counts: { queue1: 2, queue2: 6 },
  },
  {
    what: 'a queue uses what it deserves and all that an idle one does: 8 of 8 CPU',
    source: 'the same',
    contest: {
      totals: cpu(8),
      tenants: [tenant('queue1', { guarantee: cpu(2) }), tenant('queue2', { guarantee: cpu(6) })],
      wants: { queue1: { task: cpu(1), count: 8 } },
    },
    counts: { queue1: 8 },
  },
  {
    what: 'a queue borrows at most what its own limit allows: 9 of its own and 1, the other 12 of its own and 9',
    source: 'https://kueue.sigs.k8s.io/docs/concepts/cluster_queue/#borrowinglimit (here: limit 10)',
    contest: {
      totals: cpu(21),
      tenants: [tenant('team-a', { guarantee: cpu(9), limit: cpu(10) }), tenant('team-b', { guarantee: cpu(12) })],
      wants: { 'team-a': { task: cpu(1) } },
    },
    counts: { 'team-a': 10 },
  },
  {
    what: 'the same when only the one without a limit wants something: 12 and 9 more',
    source: 'the same',
    contest: {
      totals: cpu(21),
      tenants: [tenant('team-a', { guarantee: cpu(9), limit: cpu(10) }), tenant('team-b', { guarantee: cpu(12) })],
      wants: { 'team-b': { task: cpu(1) } },
    },
    counts: { 'team-b': 21 },
  },
  {
    what: 'a capability bounds what a queue takes of an idle one, and what that one keeps stays: 60 of 90',
    source: 'https://github.com/volcano-sh/volcano/blob/master/docs/design/capacity-scheduling.md, story 4',
    contest: {
      totals: gpu(100),
      tenants: [
        tenant('queue1', { guarantee: gpu(20), limit: gpu(60) }),
        tenant('queue2', { guarantee: gpu(80), lendingLimit: gpu(70) }),
      ],
      wants: { queue1: { task: gpu(1) } },
    },
    counts: { queue1: 60 },
  },
];

describe('turns by the tree', () => {
  test.each(EXAMPLES)('$what', ({ contest, counts }) => {
    expect(takeTurns(contest).counts).toEqual(counts);
  });

  test('a request within the guarantee comes before one that borrows, whatever else the tenant has borrowed (kubernetes-sigs/kueue#9406)', () => {
    const spot = 'example.com/a10-spot';
    const h100 = 'example.com/h100';
    const team = (name: string) => tenant(name, { guarantee: { [h100]: 5 } });
    const { order } = takeTurns({
      totals: { [h100]: 15, [spot]: 50 },
      tenants: ['a', 'b', 'c'].map(team),
      charges: { a: { [h100]: 4, [spot]: 30 }, b: { [h100]: 5, [spot]: 20 }, c: { [h100]: 5 } },
      wants: { a: { task: { [h100]: 1 } }, c: { task: { [h100]: 1 } } },
    });
    expect(order).toEqual(['a']);
  });

  test('what children are guaranteed counts for a parent that says nothing itself', () => {
    const { counts } = takeTurns({
      totals: cpu(10),
      tenants: [tenant('org'), tenant('team', { parent: 'org', guarantee: cpu(8) }), tenant('other')],
      wants: { team: { task: cpu(1) }, other: { task: cpu(1) } },
    });
    // 8 within the guarantee, then both borrow from the same zero.
    expect(counts).toEqual({ team: 9, other: 1 });
  });

  test('of equal dominant shares the one comes first that has less of the rest', () => {
    const { order } = takeTurns({
      totals: { ...cpu(10), ...gpu(10) },
      tenants: [tenant('a'), tenant('b')],
      charges: { a: { ...cpu(3), ...gpu(2) }, b: { ...cpu(3), ...gpu(1) } },
      wants: { a: { task: cpu(1), count: 1 }, b: { task: cpu(1), count: 1 } },
    });
    expect(order).toEqual(['b', 'a']);
  });

  test.each([
    ['priority', { priority: 1 }],
    ['waiting time', { pendingSinceSeconds: -5 }],
    ['uid', { uid: '0' }],
  ])('of equal shares the claim comes first by %s', (_what, better) => {
    const tree = contestTree({ totals: cpu(10), tenants: [tenant('a'), tenant('b'), tenant('c')] });
    const turns = new TurnTree(tree);
    const claim = { request: tree.vectorOf(cpu(1)), priority: 0, pendingSinceSeconds: 0, uid: '5' };
    for (const name of ['a', 'b', 'c']) turns.set(tree.numberOf(name) ?? 0, claim);
    turns.set(tree.numberOf('b') ?? 0, { ...claim, ...better });
    expect(tree.nameOf(turns.next() ?? 0)).toBe('b');
  });

  test('nobody is next when nobody waits', () => {
    const turns = new TurnTree(contestTree({ totals: cpu(1), tenants: [tenant('a')] }));
    expect(turns.next()).toBeUndefined();
    turns.set(1, undefined);
    expect(turns.next()).toBeUndefined();
  });
});
