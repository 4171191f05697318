import { describe, expect, test } from '@jest/globals';
import { readAttachment } from './read-attachment.ts';
import { readCapacity } from './read-capacity.ts';
import { readClaim } from './read-claim.ts';
import { readCsiNode } from './read-csi-node.ts';
import { readDriver } from './read-driver.ts';
import { readNode } from './read-node.ts';
import { readPod } from './read-pod.ts';
import { readStorageClass } from './read-storage-class.ts';
import { readVolume } from './read-volume.ts';

const named = (name: string, more: object = {}) => ({ metadata: { name, uid: `uid-${name}`, ...more } });
const inZone = (zone: string) => ({
  matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: [zone] }],
});

describe('projections', () => {
  test.each([
    ['node', readNode],
    ['pod', readPod],
    ['claim', readClaim],
    ['volume', readVolume],
    ['storage class', readStorageClass],
    ['capacity', readCapacity],
    ['CSI node', readCsiNode],
    ['attachment', readAttachment],
  ])('of a %s survive objects that have nothing', (_kind, read) => {
    for (const raw of [{}, null, undefined, 'text', [], { metadata: null, spec: 7, status: [] }]) {
      expect(() => read(raw)).not.toThrow();
    }
  });

  test('a node: ready only when its Ready condition is True', () => {
    const node = {
      ...named('n1', { labels: { a: 'b' } }),
      spec: {
        unschedulable: true,
        taints: [
          { key: 'k', effect: 'NoSchedule' },
          { key: 'x', effect: 'Odd' },
        ],
      },
      status: { allocatable: { cpu: '1930m', pods: '110' }, conditions: [{ type: 'Ready', status: 'True' }] },
    };
    expect(readNode(node)).toMatchObject({
      name: 'n1',
      labels: { a: 'b' },
      unschedulable: true,
      ready: true,
      taints: [{ key: 'k', value: '', effect: 'NoSchedule' }],
      allocatable: { cpu: 1930, pods: 110 },
    });
    expect(readNode({ ...node, status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } }).ready).toBe(false);
    expect(readNode(named('n2')).ready).toBe(false);
  });

  test('a pod: its controlling owner, its claims once each, and its requests', () => {
    const pod = {
      ...named('es-0', {
        namespace: 'shop',
        deletionTimestamp: '2026-01-01T00:00:00Z',
        creationTimestamp: '2026-01-01T00:00:01Z',
        ownerReferences: [
          { kind: 'Other', name: 'x', uid: '1', apiVersion: 'v1' },
          { kind: 'StatefulSet', name: 'es', uid: '2', apiVersion: 'apps/v1', controller: true },
        ],
      }),
      spec: {
        nodeName: 'n1',
        priority: 7,
        volumes: [
          { name: 'data', persistentVolumeClaim: { claimName: 'data-es-0' } },
          { name: 'again', persistentVolumeClaim: { claimName: 'data-es-0' } },
          { name: 'scratch', ephemeral: {} },
          { name: 'conf', configMap: {} },
        ],
        containers: [{ resources: { requests: { cpu: '1' } } }],
      },
      status: { phase: 'Running' },
    };
    expect(readPod(pod)).toMatchObject({
      owner: { kind: 'StatefulSet', name: 'es', uid: '2', apiVersion: 'apps/v1' },
      claims: ['data-es-0', 'es-0-scratch'],
      requests: { cpu: 1000, pods: 1 },
      nodeName: 'n1',
      phase: 'Running',
      deleting: true,
      schedulerName: 'default-scheduler',
      createdAtSeconds: 1_767_225_601,
      priority: 7,
      problem: undefined,
    });
  });

  test.each([
    [
      { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' }] },
      'Unschedulable: 0/3 nodes',
    ],
    [{ containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff' } } }] }, 'ImagePullBackOff'],
    [{ conditions: [{ type: 'Ready', status: 'True' }], containerStatuses: [{ state: { waiting: {} } }] }, undefined],
    [{}, undefined],
  ])('a pod with status %j has the problem %s', (status, problem) => {
    expect(readPod({ ...named('p'), status }).problem).toBe(problem);
  });

  test('a claim: what it asks and what it has, and where it is being made', () => {
    const claim = {
      ...named('data-es-0', { namespace: 'shop', annotations: { 'volume.kubernetes.io/selected-node': 'n2' } }),
      spec: { storageClassName: 'fast', resources: { requests: { storage: '10Gi' } }, volumeName: 'pv-1' },
      status: { phase: 'Bound', capacity: { storage: '8Gi' }, conditions: [{ type: 'Resizing', message: 'soon' }] },
    };
    expect(readClaim(claim)).toMatchObject({
      phase: 'Bound',
      selectedNode: 'n2',
      volumeName: 'pv-1',
      bytes: 10 * 2 ** 30,
      actualBytes: 8 * 2 ** 30,
      conditions: [{ type: 'Resizing', message: 'soon' }],
    });
  });

  test('a volume: where it can be reached from', () => {
    const volume = (terms: unknown) => ({
      ...named('pv-1'),
      spec: { capacity: { storage: '1Gi' }, nodeAffinity: { required: { nodeSelectorTerms: terms } } },
    });
    expect(readVolume(volume([inZone('a'), inZone('b')])).nodeTerms).toEqual([
      { 'topology.kubernetes.io/zone': ['a'] },
      { 'topology.kubernetes.io/zone': ['b'] },
    ]);
    expect(
      readVolume(volume([{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }])).nodeTerms,
    ).toEqual([{ 'metadata.name': ['n1'] }]);
    expect(readVolume({ ...named('pv-1'), spec: {} }).nodeTerms).toBeUndefined();
    expect(readVolume({ ...named('pv-1'), spec: {} }).claim).toBeUndefined();
  });

  test('a term that says nothing is reachable from nowhere, as in Kubernetes', () => {
    const volume = { ...named('pv'), spec: { nodeAffinity: { required: { nodeSelectorTerms: [{}] } } } };
    expect(readVolume(volume).nodeTerms).toEqual([{ 'metadata.name': [] }]);
  });

  test('a storage class: Kubernetes’ defaults, and its topologies', () => {
    expect(readStorageClass(named('plain'))).toMatchObject({
      bindingMode: 'Immediate',
      reclaimPolicy: 'Delete',
      allowedTopologies: undefined,
      isDefault: false,
    });
    const raw = {
      ...named('fast', { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } }),
      volumeBindingMode: 'WaitForFirstConsumer',
      allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['a', 'b'] }] }],
    };
    expect(readStorageClass(raw)).toMatchObject({
      bindingMode: 'WaitForFirstConsumer',
      allowedTopologies: [{ zone: ['a', 'b'] }],
      isDefault: true,
    });
  });

  test('a capacity: an empty topology is the whole cluster, none is nowhere', () => {
    const capacity = { ...named('c'), storageClassName: 'fast', capacity: '10Gi', maximumVolumeSize: '4Gi' };
    expect(readCapacity({ ...capacity, nodeTopology: {} })).toMatchObject({
      nodeLabels: {},
      capacityBytes: 10 * 2 ** 30,
      maximumVolumeBytes: 4 * 2 ** 30,
    });
    expect(readCapacity({ ...capacity, nodeTopology: { matchLabels: { z: 'a' } } }).nodeLabels).toEqual({ z: 'a' });
    expect(readCapacity(capacity).nodeLabels).toBeUndefined();
  });

  test('a CSI node: no count is no limit', () => {
    const drivers = [{ name: 'a', allocatable: { count: 2 }, topologyKeys: ['k'] }, { name: 'b' }];
    expect(readCsiNode({ ...named('n1'), spec: { drivers } })).toEqual({
      name: 'n1',
      drivers: [
        { name: 'a', attachLimit: 2, topologyKeys: ['k'] },
        { name: 'b', attachLimit: undefined, topologyKeys: [] },
      ],
    });
  });

  test('a CSI driver: it publishes capacity when it says so', () => {
    const published = { name: 'disks.example', publishesCapacity: true };
    expect(readDriver({ ...named('disks.example'), spec: { storageCapacity: true } })).toEqual(published);
    expect(readDriver({ ...named('disks.example'), spec: {} }).publishesCapacity).toBe(false);
  });

  test.each([
    [{}, undefined],
    [{ attachRequired: true }, undefined],
    [{ attachRequired: false }, false],
  ])('a CSI driver with %j: its volumes are attached unless it says that they are not', (spec, expected) => {
    expect(readDriver({ ...named('files.example'), spec }).attachRequired).toBe(expected);
  });

  test('an attachment', () => {
    const spec = { attacher: 'd', nodeName: 'n1', source: { persistentVolumeName: 'pv-1' } };
    expect(readAttachment({ ...named('a'), spec, status: { attached: true } })).toMatchObject({
      driver: 'd',
      nodeName: 'n1',
      volumeName: 'pv-1',
      attached: true,
    });
  });
});
