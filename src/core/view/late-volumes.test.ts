import { describe, expect, test } from '@jest/globals';
import {
  DRIVER,
  GI,
  NOW,
  capacityFacts,
  claimFacts,
  nodeFacts,
  reservation,
  slot,
  storageClassFacts,
  storagePool,
  volumeDemand,
  volumeFacts,
} from '../../../test/support/core-builders.ts';
import type { StoragePool } from '../../api/storage-pool.ts';
import type { CapacityFacts } from '../facts/storage-facts.ts';
import { ClusterView } from './cluster-view.ts';
import { PUBLISHED_AFTER_SECONDS } from './late-volumes.ts';

const ZONE_A = { 'topology.kubernetes.io/zone': 'a' };
const [WAIT, TICK] = [PUBLISHED_AFTER_SECONDS, 1];

const published = (gigabytes: number, rest: Partial<CapacityFacts> = {}): CapacityFacts =>
  capacityFacts('c', { nodeLabels: ZONE_A, capacityBytes: gigabytes * GI, ...rest });

/** Two nodes of one zone for which 100Gi of class "fast" are published. */
function zone(view = new ClusterView()): ClusterView {
  view.advance(NOW);
  for (const name of ['n1', 'n2']) view.setNode(nodeFacts(name, { zone: 'a' }));
  view.setDriver({ name: DRIVER, publishesCapacity: true });
  view.setStorageClass(storageClassFacts());
  view.setCapacity(published(100));
  return view;
}

const free = (view: ClusterView, storageClassName = 'fast', node = 'n2'): number => {
  const { capacity } = view.storage;
  const [segment] = capacity.segmentsAt(storageClassName, view.nodeTable.rowOf(node) ?? -1) ?? [];
  return segment === undefined ? Number.NaN : capacity.freeBytes(storageClassName, segment) / GI;
};

const choose = (view: ClusterView, name: string, node = 'n1'): void =>
  view.setClaim(claimFacts(name, { selectedNode: node }));

const make = (view: ClusterView, name: string, createdAtSeconds = NOW): void =>
  view.setVolume(volumeFacts(`pv-${name}`, { createdAtSeconds }));

const bind = (view: ClusterView, name: string, node = 'n1'): void =>
  view.setClaim(claimFacts(name, { selectedNode: node, volumeName: `pv-${name}`, phase: 'Bound' }));

const shared = (name: string, group = 'disks'): StoragePool =>
  storagePool(name, { storageClassName: name, capacity: { source: 'CSI', perZone: [], group } });

function provision(view: ClusterView, ...names: readonly string[]): void {
  for (const name of names) {
    choose(view, name);
    make(view, name);
    bind(view, name);
  }
}

describe('a volume whose claim was just bound', () => {
  test('is not free again before the published capacity fell by it', () => {
    const view = zone();
    provision(view, 'a');
    expect(free(view)).toBe(90);
    view.setCapacity(published(90));
    expect(free(view)).toBe(90);
  });

  test('counts no longer when the capacity had fallen before', () => {
    const view = zone();
    choose(view, 'a');
    view.setCapacity(published(90));
    expect(free(view)).toBe(80);
    make(view, 'a');
    bind(view, 'a');
    expect(free(view)).toBe(90);
  });

  test('counts together with others of its segment, whichever of their nodes it is for', () => {
    const view = zone();
    provision(view, 'a', 'b');
    choose(view, 'c', 'n2');
    make(view, 'c');
    bind(view, 'c', 'n2');
    expect(free(view)).toBe(70);
    view.setCapacity(published(80));
    expect(free(view)).toBe(70);
    view.setCapacity(published(70));
    expect(free(view)).toBe(70);
  });

  test('is heard of by claim and volume in either order', () => {
    const view = zone();
    choose(view, 'a');
    bind(view, 'a');
    expect(free(view)).toBe(90);
    make(view, 'a');
    expect(free(view)).toBe(90);
  });

  test('counts no longer when time is over, and its node is told of', () => {
    const view = zone();
    provision(view, 'a');
    expect(view.storage.nextAdvance()).toBe(NOW + WAIT);
    view.advance(NOW + WAIT - TICK);
    expect(free(view)).toBe(90);
    const [generation, { storage }] = [view.generationCount, view.versions()];
    view.advance(NOW + WAIT);
    expect(free(view)).toBe(100);
    expect(view.dirtySince(generation)).toEqual(['n1']);
    expect(view.versions().storage).toBeGreaterThan(storage);
    expect(view.storage.nextAdvance()).toBeUndefined();
  });

  test('does not count a second time when it is told of again', () => {
    const view = zone();
    provision(view, 'a');
    view.setCapacity(published(90));
    bind(view, 'a');
    make(view, 'a');
    expect(free(view)).toBe(90);
  });

  test('goes with its bytes when it is deleted', () => {
    const view = zone();
    provision(view, 'a');
    view.deleteClaim('shop/a');
    expect(free(view)).toBe(90);
    view.deleteVolume('pv-a');
    expect(free(view)).toBe(100);
  });

  test('keeps its fall for itself when it is deleted before the fall is told', () => {
    const view = zone();
    provision(view, 'a');
    view.deleteClaim('shop/a');
    view.deleteVolume('pv-a');
    provision(view, 'b');
    view.setCapacity(published(90));
    expect(free(view)).toBe(80);
    view.setCapacity(published(100));
    view.setCapacity(published(90));
    expect(free(view)).toBe(90);
  });

  test('that came and went before its claim was heard of keeps its fall for itself', () => {
    const view = zone();
    choose(view, 'a');
    view.deleteClaim('shop/a');
    choose(view, 'b');
    view.setCapacity(published(90));
    make(view, 'b');
    bind(view, 'b');
    view.setCapacity(published(100));
    expect(free(view)).toBe(90);
    view.setCapacity(published(90));
    expect(free(view)).toBe(90);
  });

  test('that goes takes back the fall that was put down to another one', () => {
    const view = zone();
    choose(view, 'b');
    choose(view, 'a');
    view.setCapacity(published(90));
    make(view, 'a');
    bind(view, 'a');
    view.deleteVolume('pv-a');
    view.deleteClaim('shop/a');
    view.setCapacity(published(100));
    make(view, 'b');
    bind(view, 'b');
    expect(free(view)).toBe(90);
    view.setCapacity(published(90));
    expect(free(view)).toBe(90);
  });

  test('of a slot without a claim’s word counts where the slot is', () => {
    const view = zone();
    const volumes = [{ ...volumeDemand('data-es-0'), pinned: false }];
    view.setReservation(reservation('es', [slot('es-0', 'n1', { volumes })]));
    make(view, 'data-es-0');
    bind(view, 'data-es-0', '');
    expect(free(view)).toBe(90);
  });
});

describe('what is published', () => {
  test('may be deleted and made anew: then it is compared with what was said before', () => {
    const view = zone();
    provision(view, 'a');
    view.deleteCapacity('kube-system/c');
    expect(free(view)).toBeNaN();
    view.setCapacity(published(90, { name: 'd' }));
    expect(free(view)).toBe(90);
  });

  test('by two objects for one segment falls when the larger falls', () => {
    const view = zone();
    provision(view, 'a');
    view.setCapacity(published(90, { name: 'd' }));
    expect(free(view)).toBe(90);
    view.deleteCapacity('kube-system/c');
    expect(free(view)).toBe(90);
  });

  test('of another segment or class tells nothing of a volume here', () => {
    const view = zone();
    view.setCapacity(published(50, { name: 'b', nodeLabels: { 'topology.kubernetes.io/zone': 'b' } }));
    view.setCapacity(published(50, { name: 's', storageClassName: 'slow' }));
    provision(view, 'a');
    view.setCapacity(published(40, { name: 'b', nodeLabels: { 'topology.kubernetes.io/zone': 'b' } }));
    view.setCapacity(published(40, { name: 's', storageClassName: 'slow' }));
    expect(free(view)).toBe(90);
  });

  test('that falls while nobody’s volume is made is kept for nobody', () => {
    const view = zone();
    view.setCapacity(published(90));
    provision(view, 'a');
    expect(free(view)).toBe(80);
  });
});

describe('whoever starts anew', () => {
  test('counts young volumes until time is over, and older ones not at all', () => {
    const view = zone();
    bind(view, 'young');
    bind(view, 'old');
    make(view, 'young', NOW - WAIT + TICK);
    make(view, 'old', NOW - WAIT);
    expect(free(view)).toBe(90);
    view.advance(NOW + TICK);
    expect(free(view)).toBe(100);
  });

  test('and only reads takes what is published for what there is', () => {
    const view = zone(new ClusterView({ isSnapshot: true }));
    provision(view, 'a');
    bind(view, 'unread');
    expect(free(view)).toBe(100);
  });
});

describe('a declared budget', () => {
  test('counts a volume once, from the moment it is seen', () => {
    const view = zone();
    view.setDriver({ name: DRIVER, publishesCapacity: false });
    view.setPool(storagePool('gold', { perZone: { a: '100Gi' } }));
    choose(view, 'a');
    bind(view, 'a');
    expect(free(view)).toBe(90);
    view.setVolume(volumeFacts('pv-a', { createdAtSeconds: NOW, nodeTerms: [{ 'x.example/zone': ['a'] }] }));
    expect(free(view)).toBe(90);
  });
});

function twoPools(): ClusterView {
  const view = zone();
  view.setStorageClass(storageClassFacts('slow'));
  view.setCapacity(published(100, { name: 's', storageClassName: 'slow' }));
  for (const name of ['fast', 'slow']) view.setPool(shared(name));
  return view;
}

describe('pools of one group', () => {
  test('lack what the others were promised', () => {
    const view = twoPools();
    choose(view, 'a');
    expect([free(view, 'fast'), free(view, 'slow')]).toEqual([90, 90]);
  });

  test('wait for what is published of each', () => {
    const view = twoPools();
    provision(view, 'a');
    view.setCapacity(published(90));
    expect([free(view, 'fast'), free(view, 'slow')]).toEqual([90, 90]);
    view.setCapacity(published(90, { name: 's', storageClassName: 'slow' }));
    expect([free(view, 'fast'), free(view, 'slow')]).toEqual([90, 90]);
  });

  test('are taken from together when something is placed', () => {
    const view = twoPools();
    const scratch = view.scratch();
    const row = view.nodeTable.rowOf('n1') ?? -1;
    const none = { columns: [], values: [] };
    const newBytes = new Map([['slow', 30 * GI]]);
    scratch.place({ id: { appUid: 'u', member: 'm-0' }, amount: none, newBytes, attaches: new Map(), claims: [] }, row);
    const [segment] = view.storage.capacity.segmentsAt('fast', row) ?? [];
    expect(segment && scratch.segmentFree('fast', segment) / GI).toBe(70);
  });

  test('are apart when the name is another one, or gone', () => {
    const view = twoPools();
    choose(view, 'a');
    view.setPool(shared('slow', 'others'));
    expect([free(view, 'fast'), free(view, 'slow')]).toEqual([90, 100]);
    view.setPool(shared('slow'));
    expect(free(view, 'slow')).toBe(90);
    view.deletePool('fast');
    expect(free(view, 'slow')).toBe(100);
  });

  test('keep budgets of their own', () => {
    const view = twoPools();
    view.setDriver({ name: DRIVER, publishesCapacity: false });
    const capacity = { source: 'Declared', perZone: [{ zone: 'a', size: '50Gi' }], group: 'disks' } as const;
    for (const name of ['fast', 'slow']) view.setPool(storagePool(name, { storageClassName: name, capacity }));
    choose(view, 'a');
    expect([free(view, 'fast'), free(view, 'slow')]).toEqual([40, 50]);
  });
});
