import { describe, expect, test } from '@jest/globals';
import {
  DRIVER,
  GI,
  amounts,
  attachmentFacts,
  capacityFacts,
  claimFacts,
  csiNodeFacts,
  nodeFacts,
  podFacts,
  reservation,
  slot,
  storageClassFacts,
  storagePool,
  viewOf,
  volumeDemand,
  volumeFacts,
} from '../../../test/support/core-builders.ts';
import type { ClusterView } from './cluster-view.ts';

const ES = { appUid: 'uid-es', appName: 'es', namespace: 'shop' };
const ES_0 = { appUid: 'uid-es', member: 'es-0' };
const cpu = (view: ClusterView, node = 'n1'): number | undefined => view.free(node)['cpu'];

const accepted = (node: string) => ({
  member: 'es-0',
  node,
  zone: '',
  resources: amounts({ cpu: '1', memory: '1Gi', pods: 1 }),
  volumes: [],
});

const held = (node: string, bytes = 10 * GI) =>
  slot('es-0', node, { volumes: [{ ...volumeDemand('data-es-0', { bytes }), pinned: false }] });

const free = (view: ClusterView, node: string): number | 'unlimited' | 'not served' => {
  const segments = view.storage.capacity.segmentsAt('fast', view.nodeTable.rowOf(node) ?? 0);
  if (segments === undefined) return 'unlimited';
  const [segment] = segments;
  return segment === undefined ? 'not served' : view.storage.capacity.freeBytes('fast', segment) / GI;
};

describe('free', () => {
  test('is allocatable less bound pods that have not finished', () => {
    const view = viewOf(nodeFacts('n1'));
    expect(view.free('n1')).toEqual(amounts({ cpu: '4', memory: '16Gi', pods: 110 }));
    view.setPod(podFacts('a', { nodeName: 'n1' }));
    view.setPod(podFacts('pending'));
    view.setPod(podFacts('done', { nodeName: 'n1', phase: 'Succeeded' }));
    view.setPod(podFacts('leaving', { nodeName: 'n1', deleting: true }));
    expect(view.free('n1')).toEqual(amounts({ cpu: '2', memory: '14Gi', pods: 108 }));
    view.setPod(podFacts('a', { nodeName: 'n1', phase: 'Failed' }));
    view.deletePod('uid-leaving');
    expect(cpu(view)).toBe(4000);
  });

  test('follows a pod that is resized or turns up elsewhere', () => {
    const view = viewOf(nodeFacts('n1'), nodeFacts('n2'));
    view.setPod(podFacts('a', { nodeName: 'n1' }));
    view.setPod(podFacts('a', { nodeName: 'n1', requests: { cpu: '3' } }));
    expect(cpu(view)).toBe(1000);
    view.setPod(podFacts('a', { nodeName: 'n2' }));
    expect([cpu(view, 'n1'), cpu(view, 'n2')]).toEqual([4000, 3000]);
  });

  test('is empty for a node that is not known, and counts what came before the node', () => {
    const view = viewOf();
    view.setPod(podFacts('early', { nodeName: 'n1' }));
    expect(view.free('n1')).toEqual({});
    view.setNode(nodeFacts('n1'));
    expect(cpu(view)).toBe(3000);
    view.deleteNode('n1');
    view.setNode(nodeFacts('n1'));
    expect(cpu(view)).toBe(3000);
  });

  test('is never below 0 on a node that shrank', () => {
    const view = viewOf(nodeFacts('n1'));
    view.setPod(podFacts('a', { nodeName: 'n1', requests: { cpu: '4' } }));
    view.setNode(nodeFacts('n1', { allocatable: { cpu: '1' } }));
    expect(cpu(view)).toBe(0);
  });

  test('is less what slots hold, and a member itself has the use of its own', () => {
    const view = viewOf(nodeFacts('n1'));
    view.setReservation(reservation('es', [slot('es-0', 'n1')]));
    expect(view.free('n1')).toEqual(amounts({ cpu: '3', memory: '15Gi', pods: 109 }));
    expect(view.free('n1', ES_0)['cpu']).toBe(4000);
    expect(view.free('n1', { appUid: 'uid-es', member: 'es-1' })['cpu']).toBe(3000);
    view.deleteReservation('shop/es');
    expect(cpu(view)).toBe(4000);
  });

  test('leaves out a conflicted slot', () => {
    const view = viewOf(nodeFacts('n1'));
    view.setReservation(reservation('es', [slot('es-0', 'n1', { state: 'Conflicted' })]));
    expect(cpu(view)).toBe(4000);
    expect(view.slotOf('uid-es', 'es-0')).toBeUndefined();
  });
});

describe('a member', () => {
  test.each([
    ['the slot when it is more', '500m', 3000],
    ['the pod when it is more', '2', 2000],
  ])('is charged once, with %s', (_which, requests, free) => {
    const view = viewOf(nodeFacts('n1'));
    view.setWorkload('set', ES);
    view.setReservation(reservation('es', [slot('es-0', 'n1')]));
    view.setPod(podFacts('es-0', { nodeName: 'n1', statefulSet: 'set', requests: { cpu: requests } }));
    expect(cpu(view)).toBe(free);
    expect(view.free('n1')['pods']).toBe(109);
  });

  test('is charged on both nodes while its pod is not where its slot is', () => {
    const view = viewOf(nodeFacts('n1'), nodeFacts('n2'));
    view.setWorkload('set', ES);
    view.setReservation(reservation('es', [slot('es-0', 'n2')]));
    view.setPod(podFacts('es-0', { nodeName: 'n1', statefulSet: 'set' }));
    expect([cpu(view, 'n1'), cpu(view, 'n2')]).toEqual([3000, 3000]);
  });

  test.each<[string, Parameters<typeof podFacts>[1], string]>([
    ['labels of one', { labels: { 'proffer.dev/app-uid': 'uid-es', 'proffer.dev/member': 'es-0' } }, 'es-0'],
    ['a StatefulSet that is not the app’s', { statefulSet: 'other' }, 'es-0'],
    ['the right owner in another namespace', { statefulSet: 'set', namespace: 'elsewhere' }, 'es-0'],
    ['the right owner and another name', { statefulSet: 'set' }, 'es-x'],
  ])('is not made by %s: such a pod is charged beside the slot', (_what, options, name) => {
    const view = viewOf(nodeFacts('n1'));
    view.setWorkload('set', ES);
    view.setReservation(reservation('es', [slot('es-0', 'n1')]));
    const pod = podFacts(name, { nodeName: 'n1', ...options });
    expect(view.memberOf(pod)).toBeUndefined();
    view.setPod(pod);
    expect(cpu(view)).toBe(2000);
  });

  test('whose StatefulSet is gone for a moment stays one charge, by the UID of the pod that claimed the slot', () => {
    const view = viewOf(nodeFacts('n1'));
    view.setWorkload('set', ES);
    view.setReservation(reservation('es', [slot('es-0', 'n1', { state: 'Claimed', podUID: 'uid-es-0' })]));
    view.setPod(podFacts('es-0', { nodeName: 'n1', statefulSet: 'set' }));
    view.setPod(podFacts('es-0', { nodeName: 'n1' }));
    view.deleteWorkload('set');
    expect(cpu(view)).toBe(3000);
    expect(view.memberOf(podFacts('es-0'))).toBeUndefined();
    view.setPod(podFacts('es-0', { nodeName: 'n1', statefulSet: 'set-2' }));
    view.setWorkload('set-2', ES);
    expect(cpu(view)).toBe(3000);
  });

  test('is found through its owner when the StatefulSet is told after the pod', () => {
    const view = viewOf(nodeFacts('n1'));
    view.setReservation(reservation('es', [slot('es-0', 'n1')]));
    view.setPod(podFacts('es-0', { nodeName: 'n1', statefulSet: 'set' }));
    expect(cpu(view)).toBe(2000);
    view.setWorkload('set', ES);
    expect(cpu(view)).toBe(3000);
    expect(view.memberOf(podFacts('es-0', { statefulSet: 'set' }))).toEqual(ES_0);
  });

  test('of a re-created app has no part in the slots of the old one', () => {
    const view = viewOf(nodeFacts('n1'));
    view.setReservation(reservation('es', [slot('es-0', 'n1')], { appUid: 'old' }));
    view.setWorkload('set', ES);
    view.setPod(podFacts('es-0', { nodeName: 'n1', statefulSet: 'set' }));
    expect(cpu(view)).toBe(2000);
    expect(view.slotOf('uid-es', 'es-0')).toBeUndefined();
  });
});

describe('an assumed slot', () => {
  const app = { namespace: 'shop', name: 'es', uid: 'uid-es' };

  test('counts until it is seen, and then once', () => {
    const view = viewOf(nodeFacts('n1'));
    view.assume(app, [accepted('n1')], 'default');
    expect(cpu(view)).toBe(3000);
    expect(view.charges().get('default')?.['cpu']).toBe(1000);
    view.setReservation(reservation('es', [slot('es-0', 'n1')]));
    expect(cpu(view)).toBe(3000);
    view.setReservation(reservation('es', []));
    expect(cpu(view)).toBe(4000);
  });

  test('survives an older event, and is forgotten when the write failed', () => {
    const view = viewOf(nodeFacts('n1'), nodeFacts('n2'));
    view.assume(app, [accepted('n2')]);
    view.setReservation(reservation('es', [slot('es-0', 'n1')]));
    expect([cpu(view, 'n1'), cpu(view, 'n2')]).toEqual([3000, 3000]);
    expect(view.slotOf('uid-es', 'es-0')?.slot.node).toBe('n1');
    view.forget(app);
    expect([cpu(view, 'n1'), cpu(view, 'n2')]).toEqual([3000, 4000]);
  });

  test('is replaced by a later one', () => {
    const view = viewOf(nodeFacts('n1'), nodeFacts('n2'));
    view.assume(app, [accepted('n1')]);
    view.assume(app, [accepted('n2')]);
    expect([cpu(view, 'n1'), cpu(view, 'n2')]).toEqual([4000, 3000]);
  });
});

describe('attach slots', () => {
  test('are the limit less the distinct volumes of pods, slots and attachments', () => {
    const view = viewOf(nodeFacts('n1'));
    view.setStorageClass(storageClassFacts());
    expect(view.attachFree('n1', DRIVER)).toBeUndefined();
    view.setCsiNode(csiNodeFacts('n1', 4));
    view.setClaim(claimFacts('shared', { volumeName: 'pv-1', phase: 'Bound' }));
    view.setVolume(volumeFacts('pv-1', { claim: { namespace: 'shop', name: 'shared', uid: 'u' } }));
    view.setPod(podFacts('a', { nodeName: 'n1', claims: ['shared'] }));
    view.setPod(podFacts('b', { nodeName: 'n1', claims: ['shared'] }));
    view.setAttachment(attachmentFacts('attached', { nodeName: 'n1', volumeName: 'pv-1' }));
    expect(view.attachFree('n1', DRIVER)).toBe(3);
    view.setReservation(
      reservation('es', [slot('es-0', 'n1', { volumes: [{ ...volumeDemand('new'), pinned: false }] })]),
    );
    view.setAttachment(attachmentFacts('leftover', { nodeName: 'n1', volumeName: 'pv-unknown' }));
    expect(view.attachFree('n1', DRIVER)).toBe(1);
    view.deleteAttachment('leftover');
    view.deletePod('uid-a');
    expect(view.attachFree('n1', DRIVER)).toBe(2);
  });

  test('of other drivers, and of volumes that nothing attaches, do not count', () => {
    const view = viewOf(nodeFacts('n1'));
    view.setCsiNode(csiNodeFacts('n1', 1));
    view.setVolume(volumeFacts('local', { driver: '' }));
    view.setClaim(claimFacts('local', { volumeName: 'local', phase: 'Bound' }));
    view.setPod(podFacts('a', { nodeName: 'n1', claims: ['local', 'missing'] }));
    expect(view.attachFree('n1', DRIVER)).toBe(1);
    expect(view.attachFree('n1', 'other.example')).toBeUndefined();
  });
});

describe('pool bytes', () => {
  test('are unlimited when the driver publishes none and none is declared', () => {
    expect(free(viewOf(nodeFacts('n1')), 'n1')).toBe('unlimited');
  });

  test('are none where a driver that publishes capacity says nothing, in whatever order we hear of driver and class', () => {
    const view = viewOf(nodeFacts('n1'));
    view.setDriver({ name: DRIVER, publishesCapacity: true });
    view.setStorageClass(storageClassFacts());
    expect(free(view, 'n1')).toBe('not served');
    view.deleteDriver(DRIVER);
    expect(free(view, 'n1')).toBe('unlimited');
    view.setDriver({ name: DRIVER, publishesCapacity: true });
    expect(free(view, 'n1')).toBe('not served');
    view.setStorageClass(storageClassFacts('fast', { provisioner: 'other.example' }));
    expect(free(view, 'n1')).toBe('unlimited');
  });

  test('are what the driver publishes for the node’s labels, less what is promised there', () => {
    const view = viewOf(nodeFacts('n1', { zone: 'a' }), nodeFacts('n2', { zone: 'a' }), nodeFacts('n3', { zone: 'b' }));
    view.setCapacity(capacityFacts('c', { nodeLabels: { 'topology.kubernetes.io/zone': 'a' } }));
    view.setReservation(reservation('es', [held('n1')]));
    expect(['n1', 'n2', 'n3'].map((node) => free(view, node))).toEqual([90, 90, 'not served']);
  });

  test('are promised until the claim is bound and its volume was seen, once for slot and claim together', () => {
    const view = viewOf(nodeFacts('n1'));
    view.setCapacity(capacityFacts('c'));
    view.setReservation(reservation('es', [held('n1')]));
    view.setClaim(claimFacts('data-es-0', { selectedNode: 'n1' }));
    expect(free(view, 'n1')).toBe(90);
    view.setClaim(claimFacts('data-es-0', { selectedNode: 'n1', volumeName: 'pv-1', phase: 'Bound' }));
    expect(free(view, 'n1')).toBe(90);
    view.setVolume(volumeFacts('pv-1'));
    expect(free(view, 'n1')).toBe(100);
  });

  test('are promised to a stranger’s claim for which a node was chosen', () => {
    const view = viewOf(nodeFacts('n1'));
    view.setCapacity(capacityFacts('c'));
    view.setClaim(claimFacts('stranger', { selectedNode: 'n1', bytes: 30 * GI }));
    expect(free(view, 'n1')).toBe(70);
  });

  test('move with the node to another segment', () => {
    const view = viewOf(nodeFacts('n1', { zone: 'a' }), nodeFacts('n2', { zone: 'b' }));
    view.setCapacity(capacityFacts('a', { nodeLabels: { 'topology.kubernetes.io/zone': 'a' } }));
    view.setCapacity(capacityFacts('b', { nodeLabels: { 'topology.kubernetes.io/zone': 'b' } }));
    view.setReservation(reservation('es', [held('n1')]));
    expect([free(view, 'n1'), free(view, 'n2')]).toEqual([90, 100]);
    view.setNode(nodeFacts('n1', { zone: 'b' }));
    expect([free(view, 'n1'), free(view, 'n2')]).toEqual([90, 90]);
  });

  test('declared per zone are less what volumes of the class have there', () => {
    const view = viewOf(nodeFacts('n1', { zone: 'a' }), nodeFacts('n2', { zone: 'b' }), nodeFacts('n3', { zone: 'c' }));
    view.setPool(storagePool('gold', { perZone: { a: '50Gi', b: '20Gi' } }));
    view.setVolume(volumeFacts('pv-1', { nodeTerms: [{ 'topology.ebs.csi.aws.com/zone': ['a'] }] }));
    view.setReservation(reservation('es', [held('n1')]));
    expect(['n1', 'n2', 'n3'].map((node) => free(view, node))).toEqual([30, 20, 'not served']);
    expect(view.charges().get('default')?.['storage.proffer.dev/gold']).toBeUndefined();
  });

  test('are charged to the framework by pool', () => {
    const view = viewOf(nodeFacts('n1'));
    view.setPool(storagePool('gold'));
    view.setStorageClass(storageClassFacts());
    const volumes = [{ ...volumeDemand('d', { pool: 'gold', storageClassName: '' }), pinned: false }];
    view.setReservation(reservation('es', [slot('es-0', 'n1', { volumes })], { framework: 'team' }));
    expect(view.charges().get('team')).toEqual({
      ...amounts({ cpu: '1', memory: '1Gi', pods: 1 }),
      'storage.proffer.dev/gold': 10 * GI,
      'attach.proffer.dev/disks.example': 1,
    });
  });
});

describe('generations', () => {
  test('rise on the node that changed and on no other', () => {
    const view = viewOf(nodeFacts('n1'), nodeFacts('n2'));
    const [before, since] = [view.generation('n2'), view.generationCount];
    view.setPod(podFacts('a', { nodeName: 'n1' }));
    expect(view.dirtySince(since)).toEqual(['n1']);
    expect(view.generation('n1')).toBeGreaterThan(since);
    expect(view.generation('n2')).toBe(before);
    expect(view.generation('unknown')).toBe(0);
  });
});
