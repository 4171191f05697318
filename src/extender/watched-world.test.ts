import { beforeEach, describe, expect, test } from '@jest/globals';
import { parseReservation } from '../api/parse.ts';
import type { NodeFacts } from '../core/facts/node-facts.ts';
import type { WorldChange } from './cache-message.ts';
import { NO_CHANGE } from './cut-change.ts';
import { readWatchedPod, type WatchedPod } from './watched-pod.ts';
import { emptyStores, readWaitingApp, readWorkload, type WatchedStores } from './watched-stores.ts';
import { WatchedWorld } from './watched-world.ts';

const GIB = 2 ** 30;

function node(name: string, given: Partial<NodeFacts> = {}): NodeFacts {
  const allocatable = { cpu: 4000, memory: 16 * GIB, pods: 10 };
  return { name, uid: name, labels: {}, taints: [], unschedulable: false, ready: true, allocatable, ...given };
}

/** The pod of member es-0, not bound. */
function pod(given: Partial<WatchedPod> = {}): WatchedPod {
  return {
    uid: 'pod-1',
    namespace: 'default',
    name: 'es-0',
    owner: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'es', uid: 'set-es' },
    labels: {},
    annotations: {},
    schedulerName: 'proffer-scheduler',
    nodeName: '',
    phase: 'Pending',
    ready: false,
    readySinceSeconds: undefined,
    deleting: false,
    createdAtSeconds: 0,
    requests: { cpu: 1000, memory: GIB, pods: 1 },
    claims: [],
    problem: undefined,
    priority: 0,
    nominatedNode: '',
    evicted: false,
    ...given,
  };
}

function reservation(slots: readonly object[], committedDecisions: readonly string[] = [], app = 'es') {
  return parseReservation({
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'Reservation',
    metadata: { name: app, namespace: 'default', uid: `rsv-${app}` },
    spec: { app: { name: app, uid: `app-${app}` }, slots, committedDecisions },
  });
}

function slot(given: object = {}): object {
  const resources = { cpu: '1', memory: '1Gi' };
  return {
    member: 'es-0',
    node: 'n1',
    resources,
    state: 'Held',
    epoch: 1,
    acceptedAt: '2026-01-02T03:04:05Z',
    ...given,
  };
}

function claimed(given: object = {}) {
  return reservation([slot({ state: 'Claimed', podUID: 'pod-1', ...given })]);
}

/** As it was accepted. */
function unclaimed(given: object = {}) {
  return claimed({ state: 'Held', podUID: '', decision: 'd1', ...given });
}

const WORKLOAD = { uid: 'set-es', namespace: 'default', name: 'es', appUid: 'app-es', appName: 'es', launched: 3 };

function roomOf(change: WorldChange, name: string) {
  return change.rooms.find(([key]) => key === name)?.[1];
}

function slotOf(change: WorldChange, key = 'app-es/es-0') {
  return change.slots.find(([found]) => found === key)?.[1];
}

function waitingApp(uid: string) {
  return { ref: { namespace: 'default', name: 'es', uid }, reason: undefined, message: '' };
}

describe('what the watches see becomes what admission looks up', () => {
  let stores: WatchedStores;
  let world: WatchedWorld;
  let notices: number;

  beforeEach(() => {
    stores = emptyStores();
    notices = 0;
    world = new WatchedWorld(stores, 'proffer-scheduler', () => (notices += 1));
    for (const name of ['n1', 'n2']) stores.nodes.set(name, node(name));
    stores.workloads.set('default/es', WORKLOAD);
    stores.reservations.set('default/es', reservation([slot()]));
    world.takeChanges();
  });

  /** Everything since the last time, as one. */
  function take(): WorldChange {
    const messages = world.takeChanges();
    expect(messages.length).toBeLessThanOrEqual(1);
    return messages[0] ?? NO_CHANGE;
  }

  /** The member's pod goes, and the next one comes. */
  function replacePod(evicted: boolean): void {
    stores.pods.set('default/es-0', pod({ nodeName: 'n1' }));
    stores.pods.set('default/es-0', pod({ nodeName: 'n1', evicted, deleting: true }));
    stores.pods.delete('default/es-0');
    stores.pods.set('default/es-0', pod({ uid: 'pod-2' }));
  }

  function hear(known: ReturnType<typeof reservation>): void {
    stores.reservations.set('default/es', known);
  }

  function standing() {
    return slotOf(take())?.standing;
  }

  test('nothing new is no message', () => {
    expect(world.takeChanges()).toEqual([]);
  });

  test('every change is noticed', () => {
    const before = notices;
    stores.nodes.set('n3', node('n3'));
    stores.pods.set('default/es-0', pod());
    expect(notices).toBe(before + 2);
  });

  test('a node comes with its room, and goes', () => {
    stores.nodes.set('n2', node('n2', { unschedulable: true }));
    expect(roomOf(take(), 'n2')).toMatchObject({
      unschedulable: true,
      free: { cpu: 4000 },
      freeShare: 1,
      reserves: false,
    });
    stores.nodes.delete('n2');
    expect(take().rooms).toEqual([['n2', undefined]]);
  });

  test('a slot takes room from its node until its pod does', () => {
    stores.reservations.set('default/es', reservation([slot({ node: 'n2' })]));
    const moved = take();
    expect(roomOf(moved, 'n1')).toMatchObject({ free: { cpu: 4000 }, reserves: false });
    expect(roomOf(moved, 'n2')).toMatchObject({ free: { cpu: 3000 }, freeShare: 0.75, reserves: true });
    expect(slotOf(moved)).toMatchObject({
      app: { namespace: 'default', name: 'es', uid: 'app-es' },
      node: 'n2',
      standing: 'honoured',
      holder: '',
    });

    stores.pods.set('default/es-0', pod({ nodeName: 'n2' }));
    const bound = take();
    expect(roomOf(bound, 'n2')).toMatchObject({ free: { cpu: 3000 }, reserves: false });
    expect(slotOf(bound)).toMatchObject({ holder: 'pod-1' });
    expect(bound.settledPods).toEqual(['pod-1']);
  });

  test('a slot that holds more than its pod uses still reserves', () => {
    stores.pods.set('default/es-0', pod({ nodeName: 'n1', requests: { cpu: 500, memory: GIB, pods: 1 } }));
    expect(roomOf(take(), 'n1')).toMatchObject({ free: { cpu: 3000 }, reserves: true });
  });

  test('a slot is free again for the next pod when its own is gone or finished', () => {
    stores.pods.set('default/es-0', pod({ nodeName: 'n1' }));
    take();
    stores.pods.set('default/es-0', pod({ nodeName: 'n1', phase: 'Failed' }));
    expect(slotOf(take())).toMatchObject({ holder: '' });
    stores.pods.set('default/es-0', pod({ uid: 'pod-2' }));
    expect(take()).toMatchObject({ settledPods: ['pod-1'] });
  });

  describe('a slot whose pod was evicted and is gone', () => {
    beforeEach(() => {
      world.passTime(100);
      stores.reservations.set('default/es', claimed());
      take();
    });

    test('lets nobody in before its Reservation says what becomes of it', () => {
      replacePod(true);
      expect(slotOf(take())).toMatchObject({ node: 'n1', holder: '', standing: 'undecided' });
      stores.reservations.set('default/es', claimed({ acceptedAt: '2026-01-02T03:04:06Z' }));
      expect(standing()).toBe('undecided');
      stores.reservations.set('default/es', claimed({ state: 'Moving' }));
      expect(standing()).toBe('moving');
      stores.reservations.set('default/es', reservation([]));
      expect(take().slots).toEqual([['app-es/es-0', undefined]]);
    });

    test.each([
      ['is kept for the next one', { state: 'Held', podUID: '' }],
      ['is another one by now', { node: 'n2', state: 'Held', podUID: '' }],
      ['has been claimed by the next one', { podUID: 'pod-2' }],
    ])('and that %s is honoured', (_word, given) => {
      replacePod(true);
      stores.reservations.set('default/es', claimed(given));
      expect(standing()).toBe('honoured');
    });

    describe('though it is not known yet that the pod had claimed it', () => {
      test('lets nobody in before its Reservation says what becomes of it', () => {
        hear(unclaimed());
        replacePod(true);
        expect(standing()).toBe('undecided');
        hear(claimed());
        expect(standing()).toBe('undecided');
        hear(claimed({ state: 'Moving' }));
        expect(standing()).toBe('moving');
      });

      test('and one that was accepted anew is honoured', () => {
        hear(unclaimed());
        replacePod(true);
        hear(unclaimed({ decision: 'd2' }));
        expect(standing()).toBe('honoured');
      });

      test.each([
        ['that is held for the next one', unclaimed({ holdUntil: '2026-01-02T03:05:05Z' })],
        ['of a volume', unclaimed({ volumes: [{ claim: 'data-es-0', pool: 'p', bytes: 1, pinned: true }] })],
        ['on another node', unclaimed({ node: 'n2' })],
      ])('and one %s is honoured', (_which, known) => {
        hear(known);
        replacePod(true);
        expect(standing()).toBe('honoured');
      });
    });

    test('is honoured after a while though nobody says anything, as when the operator is away', () => {
      replacePod(true);
      world.passTime(129);
      expect(standing()).toBe('undecided');
      const before = notices;
      world.passTime(130);
      expect(notices).toBe(before + 1);
      expect(standing()).toBe('honoured');
    });

    test('and one whose pod went otherwise lets the next one in at once', () => {
      replacePod(false);
      expect(standing()).toBe('honoured');
    });

    test('and one that was claimed by another pod already lets that one in', () => {
      stores.reservations.set('default/es', claimed({ podUID: 'pod-2' }));
      replacePod(true);
      expect(standing()).toBe('honoured');
    });
  });

  test('a pod that only has the member’s name does not hold its slot', () => {
    stores.pods.set('default/es-0', pod({ nodeName: 'n1', owner: undefined }));
    expect(slotOf(take())?.holder ?? '').toBe('');
  });

  test('a slot ends with its Reservation', () => {
    stores.reservations.delete('default/es');
    const change = take();
    expect(change.slots).toEqual([['app-es/es-0', undefined]]);
    expect(roomOf(change, 'n1')).toMatchObject({ reserves: false });
  });

  test('pods are told when they are bound, finished or gone, once', () => {
    stores.pods.set('default/a', pod({ uid: 'a', name: 'a', owner: undefined }));
    expect(take().settledPods).toEqual([]);
    stores.pods.set('default/a', pod({ uid: 'a', name: 'a', owner: undefined, nodeName: 'n1' }));
    expect(take().settledPods).toEqual(['a']);
    stores.pods.set('default/a', pod({ uid: 'a', name: 'a', owner: undefined, nodeName: 'n1', phase: 'Running' }));
    expect(take().settledPods).toEqual([]);
    stores.pods.delete('default/a');
    expect(take().settledPods).toEqual(['a']);
  });

  test('pods of other schedulers are not told', () => {
    stores.pods.set('default/a', pod({ uid: 'a', name: 'a', schedulerName: 'default-scheduler', nodeName: 'n1' }));
    expect(take().settledPods).toEqual([]);
  });

  test('pods are told while kube-scheduler is binding them', () => {
    stores.pods.set('default/es-0', pod({ nominatedNode: 'n1' }));
    expect(take().bindingPods).toEqual([['pod-1', 'n1']]);
    stores.pods.set('default/es-0', pod({ nominatedNode: '' }));
    expect(take().bindingPods).toEqual([['pod-1', undefined]]);
  });

  test('a StatefulSet tells whose it is, and a new one of its name is another', () => {
    stores.workloads.set('default/es', { ...WORKLOAD, uid: 'set-2' });
    expect(take().workloads).toEqual([
      ['set-es', undefined],
      ['set-2', { name: 'es', appUid: 'app-es' }],
    ]);
  });

  test('a re-created app of a name is another', () => {
    stores.apps.set('default/es', waitingApp('old'));
    take();
    stores.apps.set('default/es', waitingApp('new'));
    expect(take().apps).toEqual([
      ['old', undefined],
      ['new', waitingApp('new')],
    ]);
  });

  test.each([
    ['Held', 'honoured'],
    ['Claimed', 'honoured'],
    ['Moving', 'moving'],
    ['Proposed', 'proposed'],
  ])('a slot that is %s is %s', (state, standing) => {
    stores.reservations.set('default/es', reservation([slot({ state, decision: 'd1' })]));
    expect(slotOf(take())).toMatchObject({ standing });
  });

  test('a conflicted slot is none', () => {
    stores.reservations.set('default/es', reservation([slot({ state: 'Conflicted' })]));
    expect(take().slots).toEqual([['app-es/es-0', undefined]]);
  });

  test('a proposed slot is honoured once its decision is committed, wherever in the gang', () => {
    stores.reservations.set('default/es', reservation([slot({ state: 'Proposed', decision: 'd1' })]));
    take();
    stores.reservations.set('default/lead', reservation([], ['d1'], 'lead'));
    expect(slotOf(take())).toMatchObject({ standing: 'honoured' });
  });

  test('of slots that exceed a node, those of the older leader are not honoured until there is room', () => {
    stores.reservations.set('default/es', reservation([slot({ resources: { cpu: '3' }, epoch: 1 })]));
    stores.reservations.set(
      'default/db',
      reservation([slot({ member: 'db-0', resources: { cpu: '3' }, epoch: 2 })], [], 'db'),
    );
    const conflict = take();
    expect([slotOf(conflict)?.standing, slotOf(conflict, 'app-db/db-0')?.standing]).toEqual(['conflicted', 'honoured']);
    expect([world.overbookedNodes, world.overbookings]).toEqual([1, 1]);
    stores.reservations.delete('default/db');
    expect(slotOf(take())).toMatchObject({ standing: 'honoured' });
    expect([world.overbookedNodes, world.overbookings]).toEqual([0, 1]);
  });

  test('an app that lost a node is told, with where its members are, until a pod runs elsewhere', () => {
    stores.reservations.set('default/es', reservation([slot(), slot({ member: 'es-1', node: 'n2' })]));
    expect(world.lostApps()).toEqual([]);
    stores.nodes.delete('n1');
    const placed = [
      { member: 'es-0', node: 'n1' },
      { member: 'es-1', node: 'n2' },
    ];
    expect(world.lostApps()).toMatchObject([
      { lost: [{ appUid: 'app-es', slot: { member: 'es-0' } }], launched: 3, placed },
    ]);
    stores.pods.set('default/es-0', pod({ nodeName: 'n2' }));
    expect(world.lostApps()).toEqual([]);
  });

  test('what members may do without the operator is told when it changes', () => {
    const standIn = { nodes: ['n2'], message: '' };
    world.setStandIns(new Map([['app-es/es-0', standIn]]));
    expect(take().standIns).toEqual([['app-es/es-0', standIn]]);
    world.setStandIns(new Map([['app-es/es-0', { ...standIn }]]));
    expect(take().standIns).toEqual([]);
    world.setStandIns(new Map());
    expect(take().standIns).toEqual([['app-es/es-0', undefined]]);
  });

  test('victims are told apart from members', () => {
    stores.pods.set('default/es-0', pod({ nodeName: 'n1' }));
    stores.pods.set('default/web', pod({ uid: 'web', name: 'web', owner: undefined, nodeName: 'n1' }));
    expect([...world.victims(['pod-1', 'web', 'gone'])]).toEqual([
      ['pod-1', { requests: { cpu: 1000, memory: GIB, pods: 1 }, isMember: true }],
      ['web', { requests: { cpu: 1000, memory: GIB, pods: 1 }, isMember: false }],
    ]);
  });
});

describe('what is kept of an object', () => {
  const meta = { name: 'es', namespace: 'default', uid: 'u' };
  const owner = {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'PersistentApp',
    name: 'es',
    uid: 'app-es',
    controller: true,
  };

  test.each([
    ['of ours', owner, 'app-es'],
    ['of somebody else', { ...owner, apiVersion: 'example.com/v1' }, ''],
    ['whose owner does not control it', { ...owner, controller: false }, ''],
  ])('a StatefulSet %s', (_whose, reference, appUid) => {
    expect(readWorkload({ metadata: { ...meta, ownerReferences: [reference] } })).toMatchObject({
      uid: 'u',
      name: 'es',
      appUid,
    });
  });

  test.each([
    ['as the API server notes it', { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }, true],
    ['that was taken back', { type: 'DisruptionTarget', status: 'False', reason: 'EvictionByEvictionAPI' }, false],
    ['by a scheduler', { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }, false],
    ['that nobody asked for', { type: 'Ready', status: 'True' }, false],
  ])('of a pod, an eviction %s', (_how, condition, evicted) => {
    const found = readWatchedPod({ metadata: meta, spec: {}, status: { conditions: [condition] } });
    expect(found.evicted).toBe(evicted);
    expect(readWatchedPod({ metadata: meta }).evicted).toBe(false);
  });

  test('an app’s reason to wait, while it waits', () => {
    const app = (status: string) => ({
      metadata: meta,
      status: { conditions: [{ type: 'Reserved', status, reason: 'NoNodes', message: 'none' }] },
    });
    expect(readWaitingApp(app('False'))).toEqual({
      ref: { uid: 'u', namespace: 'default', name: 'es' },
      reason: 'NoNodes',
      message: 'none',
    });
    expect(readWaitingApp(app('True'))).toMatchObject({ reason: undefined, message: '' });
    expect(readWaitingApp({ metadata: meta })).toMatchObject({ reason: undefined, message: '' });
  });
});
