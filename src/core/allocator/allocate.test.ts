import { describe, expect, test } from '@jest/globals';
import {
  DRIVER,
  GI,
  NOW,
  amounts,
  attachmentFacts,
  capacityFacts,
  claimFacts,
  csiNodeFacts,
  demand,
  memberDemand,
  nodeFacts,
  podFacts,
  reservation,
  slot,
  storageClassFacts,
  storagePool,
  tenant,
  viewOf,
  volumeDemand,
  volumeFacts,
} from '../../../test/support/core-builders.ts';
import type { NodeFacts } from '../facts/node-facts.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import { allocate } from './allocate.ts';
import type { AcceptedSlot, Decline } from './decision.ts';
import type { Demand } from './demand.ts';

function decide(view: ClusterView, asked: Demand, now = NOW) {
  const [decision] = allocate(view, [tenant()], [asked], now);
  if (decision === undefined) throw new Error('no decision');
  return decision;
}

function slots(view: ClusterView, asked: Demand): readonly AcceptedSlot[] {
  const decision = decide(view, asked);
  if (decision.kind === 'decline') throw new Error(decision.message);
  return decision.slots;
}

function places(view: ClusterView, asked: Demand): readonly string[] {
  return slots(view, asked).map(({ member, node }) => `${member} on ${node}`);
}

function decline(view: ClusterView, asked: Demand, now = NOW): Decline {
  const decision = decide(view, asked, now);
  if (decision.kind === 'accept') throw new Error(`accepted ${JSON.stringify(decision.slots)}`);
  return decision;
}

const ON_EACH_HOST = { constraints: [{ key: '@hostname', operator: 'Unique' }] } as const;
const three = () =>
  viewOf(nodeFacts('n1', { zone: 'a' }), nodeFacts('n2', { zone: 'b' }), nodeFacts('n3', { zone: 'c' }));

const withVolumes = (...volumes: readonly ReturnType<typeof volumeDemand>[]) => demand('es', { member: { volumes } });

const stored = (...nodes: readonly NodeFacts[]) => {
  const view = viewOf(...nodes);
  view.setStorageClass(storageClassFacts());
  return view;
};

const withData = (count: number) =>
  demand('es', {
    members: Array.from({ length: count }, (_, i) =>
      memberDemand('es', i, { volumes: [volumeDemand(`data-es-${i}`)] }),
    ),
  });

const clusterOf = (cpu: number) => viewOf(nodeFacts('n1', { allocatable: { cpu, memory: '640Gi' } }));

const served = (decisions: ReturnType<typeof allocate>) =>
  decisions.flatMap((decision) => (decision.kind === 'accept' ? [decision.app.name] : []));

const hoarder = (name: string) =>
  demand(name, { framework: 'hoarder', member: { volumes: [volumeDemand(`d-${name}`, { pool: 'gold' })] } });

const worker = (name: string) => demand(name, { framework: 'worker', member: { requests: { cpu: '4' } } });

describe('an accepted member', () => {
  test('gets a slot with its node, zone, resources and volumes', () => {
    const view = viewOf(nodeFacts('n1', { zone: 'a' }));
    view.setStorageClass(storageClassFacts());
    view.setPool(storagePool('gold', { locality: 'Node' }));
    const volumes = [volumeDemand('data-es-0', { pool: 'gold', storageClassName: '' })];
    expect(slots(view, demand('es', { member: { volumes } }))).toEqual([
      {
        member: 'es-0',
        node: 'n1',
        zone: 'a',
        resources: amounts({ cpu: '1', memory: '1Gi', pods: 1 }),
        volumes: [{ claim: 'data-es-0', pool: 'gold', storageClassName: 'fast', bytes: 10 * GI, pinned: true }],
      },
    ]);
  });

  test('is spread over zones and hosts unless the app says otherwise', () => {
    const view = viewOf(nodeFacts('n1', { zone: 'a' }), nodeFacts('n2', { zone: 'a' }), nodeFacts('n3', { zone: 'b' }));
    expect(places(view, demand('es', { count: 3 }))).toEqual(['es-0 on n1', 'es-1 on n3', 'es-2 on n2']);
  });

  test('goes on with the members that the app has already', () => {
    const placed = [
      { member: 'es-0', node: 'n1' },
      { member: 'es-1', node: 'gone' },
    ];
    const members = [memberDemand('es', 2), memberDemand('es', 3)];
    expect(places(three(), demand('es', { members, placed, rules: ON_EACH_HOST }))).toEqual([
      'es-2 on n2',
      'es-3 on n3',
    ]);
  });

  test('is packed where least is stranded when the app wants it so', () => {
    const view = viewOf(nodeFacts('empty'), nodeFacts('half'));
    view.setPod(podFacts('other', { nodeName: 'half', requests: { cpu: '2', memory: '8Gi' } }));
    const pack = { policies: [{ name: 'pack', weight: 1 }] } as const;
    expect(places(view, demand('es', { rules: pack }))).toEqual(['es-0 on half']);
    expect(places(view, demand('es'))).toEqual(['es-0 on empty']);
  });

  test('may count on the room that it has where it is', () => {
    const view = viewOf(nodeFacts('n1', { allocatable: { cpu: '1' } }));
    view.setReservation(reservation('es', [slot('es-0', 'n1')]));
    expect(places(view, demand('es'))).toEqual(['es-0 on n1']);
  });

  test('that moves leaves the room of its old pod taken, and that of its old slot free', () => {
    const view = viewOf(nodeFacts('n1', { allocatable: { cpu: '2' } }), nodeFacts('n2', { allocatable: { cpu: '1' } }));
    view.setWorkload('set', { appUid: 'uid-es', appName: 'es', namespace: 'shop' });
    view.setReservation(reservation('es', [slot('es-0', 'n1', { resources: { cpu: '2' } })]));
    view.setPod(podFacts('es-0', { nodeName: 'n1', statefulSet: 'set', requests: { cpu: '500m' } }));
    const moves = demand('es', {
      priority: 1,
      rules: { constraints: [{ key: '@hostname', operator: 'IsNot', value: 'n1' }] },
    });
    const kinds = (cpu: string) => {
      const other = demand('other', { member: { requests: { cpu } } });
      return allocate(view, [tenant()], [moves, other], NOW).map(({ kind }) => kind);
    };
    expect(kinds('1500m')).toEqual(['accept', 'accept']);
    expect(kinds('1600m')).toEqual(['accept', 'decline']);
  });
});

describe('a gang', () => {
  test('is placed whole or not at all, and what it was tried with is free for a smaller one behind it', () => {
    const view = three();
    const gang = demand('gang', { count: 5, priority: 1, rules: ON_EACH_HOST });
    const small = demand('small', { member: { requests: { cpu: '4' } } });
    const [first, second] = allocate(view, [tenant()], [small, gang], NOW);
    expect(first).toMatchObject({ kind: 'decline', reason: 'GangIncomplete', app: { name: 'gang' } });
    expect(first?.kind === 'decline' && first.message).toBe(
      '3 of the 5 members that must start together fit; then gang-3: 0 of 3 nodes fit: 3 ConstraintUnique (n1: @hostname n1 has a member already, one is allowed)',
    );
    expect(second).toMatchObject({ kind: 'accept', app: { name: 'small' } });
  });

  test('is placed in part when the app says how many are enough, lowest ordinals first', () => {
    expect(places(three(), demand('es', { count: 5, minMembers: 2, rules: ON_EACH_HOST }))).toEqual([
      'es-0 on n1',
      'es-1 on n2',
      'es-2 on n3',
    ]);
  });

  test('leaves out a member that fits nowhere when enough others do', () => {
    const members = [memberDemand('es', 0, { requests: { cpu: '99' } }), memberDemand('es', 1), memberDemand('es', 2)];
    expect(places(three(), demand('es', { members, minMembers: 2 }))).toEqual(['es-1 on n1', 'es-2 on n2']);
    expect(decline(three(), demand('es', { members })).message).toMatch(/^0 of 3 nodes fit: 3 InsufficientCPU/);
  });

  test('places the most constrained member first', () => {
    const view = viewOf(nodeFacts('n1', { allocatable: { cpu: '8' } }), nodeFacts('n2'));
    const members = [memberDemand('es', 0), memberDemand('es', 1, { requests: { cpu: '8' } })];
    expect(places(view, demand('es', { members, rules: ON_EACH_HOST }))).toEqual(['es-0 on n2', 'es-1 on n1']);
  });

  test('tries another value for a Cluster that has none, when the first is too small', () => {
    const view = viewOf(
      nodeFacts('big', { zone: 'a', allocatable: { cpu: '8', memory: '64Gi' } }),
      nodeFacts('n2', { zone: 'b', allocatable: { cpu: '2' } }),
      nodeFacts('n3', { zone: 'b', allocatable: { cpu: '2' } }),
    );
    view.setPod(podFacts('other', { nodeName: 'big', requests: { cpu: '1' } }));
    const rules = {
      constraints: [
        { key: '@zone', operator: 'Cluster' },
        { key: '@hostname', operator: 'Unique' },
      ],
    } as const;
    expect(places(view, demand('es', { count: 2, rules }))).toEqual(['es-0 on n2', 'es-1 on n3']);
  });

  test('asks for more than it has members: refused outright', () => {
    expect(decline(three(), demand('es', { count: 2, minMembers: 3 })).message).toBe(
      '2 members ask for places, 3 must get them together',
    );
  });
});

describe('a decline', () => {
  test('counts nodes per reason, with the best number there is and the smallest change that would do', () => {
    const view = viewOf(nodeFacts('n1'), nodeFacts('n2'), nodeFacts('n3', { unschedulable: true }));
    view.setPod(podFacts('a', { nodeName: 'n1', requests: { cpu: '3500m' } }));
    view.setPod(podFacts('b', { nodeName: 'n2', requests: { cpu: '2800m' } }));
    const declined = decline(view, demand('es', { member: { requests: { cpu: '2' } } }));
    expect(declined).toMatchObject({
      reason: 'InsufficientCPU',
      message: '0 of 3 nodes fit: 2 InsufficientCPU (needs 2000m, most free 1200m on n2), 1 NodeCordoned',
      nodesByReason: { InsufficientCPU: 2, NodeCordoned: 1 },
      smallestChange: 'uncordon n3',
    });
    expect(declined.refusals).toEqual([
      { node: 'n1', member: 'es-0', reason: 'InsufficientCPU', message: 'needs 2000m, 500m free' },
      { node: 'n2', member: 'es-0', reason: 'InsufficientCPU', message: 'needs 2000m, 1200m free' },
      { node: 'n3', member: 'es-0', reason: 'NodeCordoned', message: 'it is cordoned' },
    ]);
  });

  test('names every reason of a node, not only the first', () => {
    const view = viewOf(
      nodeFacts('n1', { ready: false, taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] }),
    );
    const asked = demand('es', { member: { requests: { cpu: '9', 'nvidia.com/gpu': 1 } } });
    expect(Object.keys(decline(view, asked).nodesByReason).toSorted()).toEqual([
      'InsufficientCPU',
      'InsufficientExtendedResource',
      'NodeNotReady',
      'NodeTainted',
    ]);
  });

  test('without any node says so', () => {
    expect(decline(viewOf(), demand('es'))).toMatchObject({ reason: 'NoNodes', message: 'the cluster has no nodes' });
  });

  test('of a framework that does not exist names it', () => {
    expect(decline(three(), demand('es', { framework: 'nobody' }))).toMatchObject({
      reason: 'FrameworkNotFound',
      message: 'there is no framework nobody',
    });
  });

  test('is the same for the next app of the kind, in its own name', () => {
    const asked = ['a', 'b'].map((name) =>
      demand(name, { count: 2, member: { requests: { cpu: '3' } }, rules: ON_EACH_HOST }),
    );
    const view = viewOf(nodeFacts('n1'));
    const [first, second] = allocate(view, [tenant()], asked, NOW);
    expect(second).toEqual(
      JSON.parse(JSON.stringify(first).replaceAll('a-1', 'b-1').replaceAll('"a"', '"b"').replaceAll('uid-a', 'uid-b')),
    );
    expect(second).toMatchObject({ reason: 'GangIncomplete', app: { name: 'b' } });
  });

  test('explains the nearest hundred of many nodes, and counts them all', () => {
    const nodes = Array.from({ length: 120 }, (_, i) => nodeFacts(`n${i}`, i % 2 === 0 ? {} : { ready: false }));
    const declined = decline(viewOf(...nodes), demand('es', { member: { requests: { cpu: '5' } } }));
    expect(declined.nodesByReason).toEqual({ InsufficientCPU: 120, NodeNotReady: 60 });
    const explained = new Set(declined.refusals.map(({ node }) => node));
    expect(explained.size).toBe(100);
    expect(nodes.filter(({ ready }) => ready).every(({ name }) => explained.has(name))).toBe(true);
  });
});

describe('a node is refused', () => {
  const gpu = { key: 'gpu', value: 'yes', effect: 'NoSchedule' } as const;

  test.each<[string, Parameters<typeof nodeFacts>[1], Parameters<typeof demand>[1], string]>([
    ['not ready', { ready: false }, {}, 'NodeNotReady'],
    ['cordoned', { unschedulable: true }, {}, 'NodeCordoned'],
    ['tainted', { taints: [gpu] }, {}, 'NodeTainted'],
    [
      'tainted, and another value is tolerated',
      { taints: [gpu] },
      { rules: { tolerations: [{ key: 'gpu', operator: 'Equal', value: 'no' }] } },
      'NodeTainted',
    ],
    ['without the label of the nodeSelector', {}, { rules: { nodeSelector: { disk: 'ssd' } } }, 'NodeSelectorMismatch'],
    [
      'outside the node affinity',
      { labels: { size: '8' } },
      { rules: { nodeAffinityTerms: [[{ key: 'size', operator: 'Gt', values: ['8'] }]] } },
      'NodeAffinityMismatch',
    ],
    [
      'that the node affinity does not name',
      {},
      { rules: { nodeAffinityTerms: [[{ key: 'metadata.name', operator: 'In', values: ['n2'] }]] } },
      'NodeAffinityMismatch',
    ],
    ['and an affinity without terms matches nothing', {}, { rules: { nodeAffinityTerms: [] } }, 'NodeAffinityMismatch'],
    ['with too little memory', {}, { member: { requests: { memory: '17Gi' } } }, 'InsufficientMemory'],
    [
      'with too little scratch space',
      {},
      { member: { requests: { 'ephemeral-storage': '1Gi' } } },
      'InsufficientEphemeralStorage',
    ],
    ['that runs as many pods as it may', { allocatable: { pods: 0 } }, {}, 'TooManyPods'],
    ['without the device', {}, { member: { requests: { 'nvidia.com/gpu': 1 } } }, 'InsufficientExtendedResource'],
  ])('%s', (_what, node, asked, reason) => {
    expect(decline(viewOf(nodeFacts('n1', node)), demand('es', asked)).reason).toBe(reason);
  });

  test.each<[string, Parameters<typeof nodeFacts>[1], Parameters<typeof demand>[1]]>([
    ['a tolerated taint', { taints: [gpu] }, { rules: { tolerations: [{ key: 'gpu', operator: 'Exists' }] } }],
    ['every taint, when all are tolerated', { taints: [gpu] }, { rules: { tolerations: [{ operator: 'Exists' }] } }],
    ['a taint that only prefers others', { taints: [{ ...gpu, effect: 'PreferNoSchedule' }] }, {}],
    [
      'the taint that keeps non-members away',
      { taints: [{ key: 'proffer.dev/reserved', value: '', effect: 'NoSchedule' }] },
      {},
    ],
    [
      'a cordon that the app tolerates',
      { unschedulable: true, taints: [{ key: 'node.kubernetes.io/unschedulable', value: '', effect: 'NoSchedule' }] },
      { rules: { tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }] } },
    ],
    [
      'an affinity that names the node',
      {},
      { rules: { nodeAffinityTerms: [[{ key: 'metadata.name', operator: 'In', values: ['n1', 'n2'] }]] } },
    ],
    [
      'one affinity term of several',
      { labels: { size: '8' } },
      {
        rules: {
          nodeAffinityTerms: [
            [{ key: 'size', operator: 'Lt', values: ['8'] }],
            [
              { key: 'size', operator: 'In', values: ['8'] },
              { key: 'old', operator: 'DoesNotExist', values: [] },
              { key: 'kind', operator: 'NotIn', values: ['x'] },
              { key: 'size', operator: 'Exists', values: [] },
            ],
          ],
        },
      },
    ],
  ])('not for %s', (_what, node, asked) => {
    expect(places(viewOf(nodeFacts('n1', node)), demand('es', asked))).toEqual(['es-0 on n1']);
  });
});

describe('volumes', () => {
  const data = volumeDemand('data-es-0');

  test('that are bound pin their member', () => {
    const view = stored(nodeFacts('n1', { zone: 'a' }), nodeFacts('n2', { zone: 'b' }));
    view.setClaim(claimFacts('data-es-0', { volumeName: 'pv-1', phase: 'Bound' }));
    view.setVolume(volumeFacts('pv-1', { nodeTerms: [{ 'topology.kubernetes.io/zone': ['b'] }] }));
    expect(places(view, withVolumes(data))).toEqual(['es-0 on n2']);
    view.deleteNode('n2');
    expect(decline(view, withVolumes(data)).message).toBe(
      '0 of 1 nodes fit: 1 VolumePinnedElsewhere (n1: volume of claim shop/data-es-0 is only reachable from b)',
    );
  });

  test('that are bound take no room in the pool', () => {
    const view = stored(nodeFacts('n1'));
    view.setCapacity(capacityFacts('c', { capacityBytes: 0 }));
    view.setClaim(claimFacts('data-es-0', { volumeName: 'pv-1', phase: 'Bound' }));
    view.setVolume(volumeFacts('pv-1'));
    expect(places(view, withVolumes(data))).toEqual(['es-0 on n1']);
  });

  test('that are being made for a node keep their member there', () => {
    const view = stored(nodeFacts('n1'), nodeFacts('n2'));
    view.setClaim(claimFacts('data-es-0', { selectedNode: 'n2' }));
    expect(places(view, withVolumes(data))).toEqual(['es-0 on n2']);
  });

  test('whose PersistentVolume is gone are no place anywhere, and the message says so', () => {
    const view = stored(nodeFacts('n1'));
    view.setClaim(claimFacts('data-es-0', { volumeName: 'pv-1', phase: 'Lost' }));
    expect(decline(view, withVolumes(data)).message).toMatch(
      /1 VolumePinnedElsewhere \(n1: claim shop\/data-es-0 is bound to volume pv-1, which is gone\)/,
    );
  });

  test('of one member are checked together', () => {
    const view = stored(nodeFacts('n1'));
    view.setCapacity(capacityFacts('c', { capacityBytes: 15 * GI }));
    expect(places(view, withVolumes(data))).toEqual(['es-0 on n1']);
    expect(decline(view, withVolumes(data, volumeDemand('log-es-0'))).message).toBe(
      '0 of 1 nodes fit: 1 InsufficientPoolCapacity (needs 20Gi, most free 15Gi on n1)',
    );
  });

  test('of one member are checked together with those of another pool on the same disks', () => {
    const view = stored(nodeFacts('n1'));
    const capacity = { source: 'CSI', perZone: [], group: 'disks' } as const;
    view.setStorageClass(storageClassFacts('slow'));
    for (const name of ['fast', 'slow']) {
      view.setCapacity(capacityFacts(name, { storageClassName: name, capacityBytes: 15 * GI }));
      view.setPool(storagePool(name, { storageClassName: name, capacity }));
    }
    const log = volumeDemand('log-es-0', { storageClassName: 'slow' });
    expect(places(view, withVolumes(log))).toEqual(['es-0 on n1']);
    expect(decline(view, withVolumes(data, log)).message).toBe(
      '0 of 1 nodes fit: 1 InsufficientPoolCapacity (needs 20Gi, most free 15Gi on n1)',
    );
  });

  test('of several members in one segment are checked together', () => {
    const view = stored(nodeFacts('n1', { zone: 'a' }), nodeFacts('n2', { zone: 'a' }));
    view.setCapacity(
      capacityFacts('c', { nodeLabels: { 'topology.kubernetes.io/zone': 'a' }, capacityBytes: 25 * GI }),
    );
    expect(places(view, withData(2))).toHaveLength(2);
    expect(decline(view, withData(3)).reason).toBe('GangIncomplete');
  });

  test('may use what was promised to the member that moves', () => {
    const view = stored(nodeFacts('n1', { ready: false }), nodeFacts('n2'));
    view.setCapacity(capacityFacts('c', { capacityBytes: 15 * GI }));
    view.setReservation(reservation('es', [slot('es-0', 'n1', { volumes: [{ ...data, pinned: false }] })]));
    expect(places(view, withVolumes(data))).toEqual(['es-0 on n2']);
  });

  test.each<[string, (view: ClusterView) => void, string]>([
    [
      'larger than the driver makes',
      (view) => view.setCapacity(capacityFacts('c', { maximumVolumeBytes: 4 * GI })),
      'VolumeTooLarge',
    ],
    [
      'of a class that publishes nothing for the node',
      (view) => view.setCapacity(capacityFacts('c', { nodeLabels: { other: 'x' } })),
      'VolumeTopologyMismatch',
    ],
    [
      'of a class for which a driver that publishes capacity published none',
      (view) => view.setDriver({ name: DRIVER, publishesCapacity: true }),
      'InsufficientPoolCapacity',
    ],
    [
      'beyond what the driver publishes, although the pool declares more',
      (view) => {
        view.setPool(storagePool('gold', { perZone: { '': '50Gi' } }));
        view.setDriver({ name: DRIVER, publishesCapacity: true });
        view.setCapacity(capacityFacts('c', { capacityBytes: 5 * GI }));
      },
      'InsufficientPoolCapacity',
    ],
    [
      'beyond what the pool declares, although the driver publishes more',
      (view) => {
        view.setPool(storagePool('gold', { perZone: { '': '5Gi' } }));
        view.setDriver({ name: DRIVER, publishesCapacity: true });
        view.setCapacity(capacityFacts('c', { capacityBytes: 50 * GI }));
      },
      'InsufficientPoolCapacity',
    ],
    [
      'of a class for other zones',
      (view) => view.setStorageClass(storageClassFacts('fast', { allowedTopologies: [{ zone: ['x'] }] })),
      'VolumeTopologyMismatch',
    ],
    [
      'of a driver that runs on other nodes only',
      (view) => {
        view.setCsiNode({ name: 'n1', drivers: [] });
        view.setCsiNode(csiNodeFacts('n2', undefined));
      },
      'VolumeTopologyMismatch',
    ],
    ['of a class that does not exist', (view) => view.deleteStorageClass('fast'), 'StorageClassNotFound'],
    [
      'beyond what the node attaches',
      (view) => {
        view.setCsiNode(csiNodeFacts('n1', 1));
        view.setAttachment(attachmentFacts('t', { nodeName: 'n1', volumeName: 'pv-other' }));
      },
      'TooManyAttachments',
    ],
    [
      'that could not be made there a moment ago',
      (view) => view.setProvisioningFailure('n1', 'fast', NOW + 30),
      'ProvisioningFailed',
    ],
  ])('%s keep the member off the node', (_what, prepare, reason) => {
    const view = stored(nodeFacts('n1'));
    prepare(view);
    expect(decline(view, withVolumes(data)).reason).toBe(reason);
  });

  test('of a class for which nothing is published are told which driver and class, and fit as soon as something is', () => {
    const view = stored(nodeFacts('n1'), nodeFacts('n2'));
    view.setDriver({ name: DRIVER, publishesCapacity: true });
    expect(decline(view, withVolumes(data)).message).toBe(
      '0 of 2 nodes fit: 2 InsufficientPoolCapacity (n1: needs 10Gi: driver disks.example publishes capacity, and none for StorageClass fast on this node)',
    );
    view.setCapacity(capacityFacts('c'));
    expect(decide(view, withVolumes(data)).kind).toBe('accept');
  });

  test('that could not be made are tried again after a while', () => {
    const view = stored(nodeFacts('n1'));
    view.setProvisioningFailure('n1', 'fast', NOW + 30);
    expect(decide(view, withVolumes(data), NOW + 31).kind).toBe('accept');
  });

  test('that are attached there already need no further slot', () => {
    const view = stored(nodeFacts('n1'));
    view.setCsiNode(csiNodeFacts('n1', 1));
    view.setClaim(claimFacts('data-es-0', { volumeName: 'pv-1', phase: 'Bound' }));
    view.setVolume(volumeFacts('pv-1', { claim: { namespace: 'shop', name: 'data-es-0', uid: 'u' } }));
    view.setAttachment(attachmentFacts('t', { nodeName: 'n1', volumeName: 'pv-1' }));
    expect(places(view, withVolumes(data))).toEqual(['es-0 on n1']);
    expect(view.attachFree('n1', DRIVER)).toBe(0);
  });
});

describe('fairness', () => {
  test('gives turns by weight, and of equals first to who waits longer', () => {
    const tenants = [tenant('heavy', { weight: 2 }), tenant('light')];
    const demands = ['heavy', 'light'].flatMap((framework) =>
      [0, 1, 2, 3].map((i) => demand(`${framework}${i}`, { framework, pendingSinceSeconds: NOW + i })),
    );
    expect(served(allocate(clusterOf(6), tenants, demands, NOW))).toEqual([
      'heavy0',
      'light0',
      'heavy1',
      'heavy2',
      'light1',
      'heavy3',
    ]);
  });

  test('counts what a tenant has already', () => {
    const cluster = clusterOf(4);
    cluster.setReservation(reservation('old', [slot('old-0', 'n1')], { framework: 'rich' }));
    const demands = ['rich', 'poor'].map((framework) => demand(framework, { framework }));
    expect(served(allocate(cluster, [tenant('rich'), tenant('poor')], demands, NOW))).toEqual(['poor', 'rich']);
  });

  test('looks at the resource that a tenant has most of, pool bytes among them', () => {
    const cluster = clusterOf(100);
    cluster.setStorageClass(storageClassFacts());
    cluster.setCapacity(capacityFacts('c', { capacityBytes: 100 * GI }));
    cluster.setPool(storagePool('gold'));
    const demands = [hoarder('h0'), hoarder('h1'), worker('w0'), worker('w1'), worker('w2')];
    expect(served(allocate(cluster, [tenant('hoarder'), tenant('worker')], demands, NOW))).toEqual([
      'w0',
      'w1',
      'h0',
      'w2',
      'h1',
    ]);
  });

  test('serves a tenant’s own apps by priority, then by waiting time', () => {
    const demands = [
      demand('late', { pendingSinceSeconds: NOW }),
      demand('early', { pendingSinceSeconds: NOW - 9 }),
      demand('urgent', { priority: 1 }),
    ];
    expect(served(allocate(clusterOf(2), [tenant()], demands, NOW))).toEqual(['urgent', 'early']);
  });

  test('stops at the limit of the tenant or of one above it, with numbers', () => {
    const tenants = [tenant('org', { limit: amounts({ cpu: '2' }) }), tenant('default', { parent: 'org' })];
    const decisions = allocate(clusterOf(9), tenants, [demand('a'), demand('b'), demand('c')], NOW);
    expect(served(decisions)).toEqual(['a', 'b']);
    expect(decisions[2]).toMatchObject({
      reason: 'FrameworkLimit',
      message: 'framework org is at its limit of cpu: 2000m of 2000m charged, 1000m more needed',
    });
  });

  test('takes as many members as the limit allows when that is enough', () => {
    const tenants = [tenant('default', { limit: amounts({ pods: 2 }) })];
    const [decision] = allocate(clusterOf(9), tenants, [demand('a', { count: 3, minMembers: 1 })], NOW);
    expect(decision?.kind === 'accept' && decision.slots.map(({ member }) => member)).toEqual(['a-0', 'a-1']);
    const [whole] = allocate(clusterOf(9), tenants, [demand('a', { count: 3 })], NOW);
    expect(whole).toMatchObject({ kind: 'decline', reason: 'FrameworkLimit' });
  });

  test('lets a member move though its tenant is at the limit', () => {
    const cluster = viewOf(nodeFacts('n1', { ready: false }), nodeFacts('n2'));
    cluster.setReservation(reservation('es', [slot('es-0', 'n1')]));
    const tenants = [tenant('default', { limit: amounts({ cpu: '1', pods: 1 }) })];
    expect(served(allocate(cluster, tenants, [demand('es')], NOW))).toEqual(['es']);
  });

  test('keeps what another is guaranteed and does not lend, and gives it to that one', () => {
    const tenants = [
      tenant('sure', { guarantee: amounts({ cpu: '6' }), lendingLimit: amounts({ cpu: '0' }) }),
      tenant('default'),
    ];
    const demands = [
      ...['a', 'b', 'c', 'd'].map((name) => demand(name)),
      demand('own', { framework: 'sure', count: 6 }),
    ];
    expect(served(allocate(clusterOf(9), tenants, demands.slice(0, 4), NOW))).toEqual(['a', 'b', 'c']);
    expect(allocate(clusterOf(9), tenants, demands.slice(0, 4), NOW)[3]).toMatchObject({
      reason: 'FrameworkGuarantee',
      message:
        'framework default needs 1000m of cpu and may have 0m: 6000m is free, of which 6000m is guaranteed to sure and not lent',
    });
    expect(served(allocate(clusterOf(9), tenants, demands, NOW))).toEqual(['own', 'a', 'b', 'c']);
  });

  test.each([
    ['an inner framework', [tenant('org'), tenant('default', { parent: 'org' })], 'org', 'FrameworkNotLeaf'],
    ['one whose parent is missing', [tenant(), tenant('org', { parent: 'gone' })], 'org', 'FrameworkNotFound'],
    ['one that is its own parent', [tenant(), tenant('org', { parent: 'org' })], 'org', 'ParentsInCircle'],
  ] as const)('gives nothing to apps of %s, and serves the others', (_what, tenants, framework, reason) => {
    const decisions = allocate(clusterOf(9), tenants, [demand('lost', { framework }), demand('es')], NOW);
    expect(served(decisions)).toEqual(['es']);
    expect(decisions[1]).toMatchObject({ kind: 'decline', app: { name: 'lost' }, reason });
  });
});
