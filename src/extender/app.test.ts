import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { APP, enforcedSlot, nodeRoom } from '../../test/support/admission-builders.ts';
import { memberKey, type EnforcedSlot, type NodeRoom } from '../core/admission/admission-world.ts';
import { AdmissionDesk } from './admission-desk.ts';
import { makeApp, makeHealthApp } from './app.ts';
import type { CacheMessage, CacheRequest, Pulse, WorldChange } from './cache-message.ts';

const NODES = ['n1', 'n2', 'n3'];

function change(given: Partial<WorldChange> = {}): WorldChange {
  return { rooms: [], slots: [], standIns: [], workloads: [], apps: [], settledPods: [], bindingPods: [], ...given };
}

/** The worker's first words: nodes n1 to n3, the app `es` and its StatefulSet. */
function firstChange(
  slots: readonly EnforcedSlot[] = [],
  rooms: readonly NodeRoom[] = NODES.map((name) => nodeRoom(name)),
): WorldChange {
  return change({
    rooms: rooms.map((room) => [room.name, room]),
    slots: slots.map((slot) => [memberKey(slot.app.uid, slot.member), slot]),
    workloads: [['set-es', { name: 'es', appUid: APP.uid }]],
    apps: [[APP.uid, { ref: APP, reason: undefined, message: '' }]],
  });
}

function pulse(given: Partial<Pulse> = {}): CacheMessage {
  return { kind: 'pulse', staleSeconds: 0, overbookedNodes: 0, overbookings: 0, operatorAway: false, ...given };
}

function rawPod(uid = 'pod-1', owned = true, name = 'es-0'): object {
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'es', uid: 'set-es', controller: true }];
  return {
    metadata: { namespace: 'default', name, uid, ...(owned ? { ownerReferences } : {}) },
    spec: { containers: [{ name: 'c', resources: { requests: { cpu: '1', memory: '1Gi' } } }] },
    status: { phase: 'Pending' },
  };
}

/** A pod that is nobody's member. */
function stranger(uid: string): object {
  return rawPod(uid, false, uid);
}

describe('the extender over HTTP', () => {
  let asked: CacheRequest[];
  let now: number;
  let desk: AdmissionDesk;
  let app: FastifyInstance;
  const warnings: string[] = [];

  beforeEach(() => {
    asked = [];
    now = 0;
    warnings.length = 0;
    desk = new AdmissionDesk({ ask: (request) => asked.push(request), clock: () => now });
    app = makeApp(desk, { warn: (_fields, message) => warnings.push(message) });
  });
  afterEach(() => app.close());

  function sync(...changes: readonly WorldChange[]): void {
    for (const each of changes) desk.receive({ kind: 'change', change: each });
    desk.receive({ kind: 'synced' });
  }

  async function post(path: string, payload: object | string): Promise<{ status: number; json: unknown }> {
    const reply = await app.inject({
      method: 'POST',
      url: path,
      headers: { 'content-type': 'application/json' },
      payload,
    });
    return {
      status: reply.statusCode,
      json: reply.headers['content-type']?.toString().startsWith('application/json') ? reply.json() : reply.body,
    };
  }

  const filter = (pod = rawPod(), nodeNames: readonly string[] = NODES) =>
    post('/filter', { Pod: pod, Nodes: null, NodeNames: nodeNames });

  test('is not ready, and answers 503, before everything was listed', async () => {
    expect((await app.inject('/readyz')).statusCode).toBe(503);
    expect((await app.inject('/livez')).statusCode).toBe(200);
    expect(await filter()).toMatchObject({ status: 503 });
    sync(firstChange());
    expect((await app.inject('/readyz')).statusCode).toBe(200);
    expect(await filter()).toMatchObject({ status: 200 });
  });

  test('gives a member the node of its slot', async () => {
    sync(firstChange([enforcedSlot({ node: 'n2' })]));
    expect(await filter()).toEqual({
      status: 200,
      json: { Nodes: null, NodeNames: ['n2'], FailedNodes: null, FailedAndUnresolvableNodes: null, Error: '' },
    });
  });

  test('says no with status 200 and a reason for each node', async () => {
    sync(firstChange());
    const message = 'es-0 has no slot: the allocator has not answered yet (NoSlot)';
    expect(await filter()).toMatchObject({
      status: 200,
      json: { NodeNames: [], FailedAndUnresolvableNodes: { n1: message, n2: message, n3: message } },
    });
  });

  test('of five hundred concurrent filters for one slot, exactly one wins', async () => {
    sync(firstChange([enforcedSlot({ node: 'n2' })]));
    const answers = await Promise.all(Array.from({ length: 500 }, (_none, index) => filter(rawPod(`pod-${index}`))));
    const names = answers.map(({ json }) => (json as { NodeNames: string[] }).NodeNames);
    expect(names.filter((list) => list.length > 0)).toEqual([['n2']]);
  });

  test('lets the next pod in when the one it let through is gone, or does nothing for half a minute', async () => {
    sync(firstChange([enforcedSlot()]));
    await filter(rawPod('a'));
    expect(await filter(rawPod('b'))).toMatchObject({ json: { NodeNames: [] } });
    sync(change({ settledPods: ['a'] }));
    expect(await filter(rawPod('b'))).toMatchObject({ json: { NodeNames: ['n1'] } });
    now = 31;
    expect(await filter(rawPod('c'))).toMatchObject({ json: { NodeNames: ['n1'] } });
  });

  test('keeps a pod’s place while kube-scheduler shows it as binding', async () => {
    sync(firstChange([enforcedSlot()]));
    await filter(rawPod('a'));
    sync(change({ bindingPods: [['a', 'n1']] }));
    now = 600;
    expect(await filter(rawPod('b'))).toMatchObject({ json: { NodeNames: [] } });
  });

  test('scores the slot’s node', async () => {
    sync(firstChange([enforcedSlot({ node: 'n2' })]));
    expect(await post('/prioritize', { Pod: rawPod(), NodeNames: NODES })).toEqual({
      status: 200,
      json: [{ Host: 'n2', Score: 10 }],
    });
  });

  test('preempts for a member on its slot’s node only', async () => {
    sync(firstChange([enforcedSlot({ node: 'n2' })]));
    const victims = { Pods: [{ UID: 'v' }], NumPDBViolations: 0 };
    const reply = post('/preempt', {
      Pod: rawPod(),
      NodeNameToVictims: null,
      NodeNameToMetaVictims: { n1: victims, n2: victims },
    });
    await until(() => asked.length > 0);
    expect(asked).toEqual([{ kind: 'victims', question: 1, podUids: ['v', 'v'] }]);
    desk.receive({
      kind: 'victims',
      question: 1,
      victims: new Map([['v', { requests: { cpu: 9000 }, isMember: false }]]),
    });
    expect(await reply).toEqual({ status: 200, json: { NodeNameToMetaVictims: { n2: victims } } });
  });

  test('wakes a refused member when its slot appears, once', async () => {
    sync(firstChange(), change({ apps: [[APP.uid, { ref: APP, reason: 'NoNodes', message: 'none' }]] }));
    await filter();
    sync(change({ apps: [[APP.uid, { ref: APP, reason: 'InsufficientCPU', message: 'little' }]] }));
    expect(asked).toEqual([]);
    const slots = firstChange([enforcedSlot()]).slots;
    sync(change({ slots }), change({ slots }));
    expect(asked).toEqual([{ kind: 'wake', pods: [{ uid: 'pod-1', namespace: 'default', name: 'es-0' }] }]);
  });

  const preemptOn = (...nodes: readonly string[]) =>
    post('/preempt', {
      Pod: rawPod(),
      NodeNameToVictims: null,
      NodeNameToMetaVictims: Object.fromEntries(
        nodes.map((node) => [node, { Pods: [{ UID: 'v' }], NumPDBViolations: 0 }]),
      ),
    });

  test('remembers a member that may not preempt, and wakes it when its slot appears', async () => {
    sync(firstChange(), change({ apps: [[APP.uid, { ref: APP, reason: 'NoNodes', message: 'none' }]] }));
    const reply = preemptOn('n1');
    await until(() => asked.length > 0);
    desk.receive({ kind: 'victims', question: 1, victims: new Map() });
    expect(await reply).toEqual({ status: 200, json: { NodeNameToMetaVictims: {} } });
    sync(change({ slots: firstChange([enforcedSlot()]).slots }));
    expect(asked.slice(1)).toMatchObject([{ kind: 'wake', pods: [{ uid: 'pod-1' }] }]);
  });

  test('answers for a member that is new once its StatefulSet and slot are heard of, a moment after the question', async () => {
    const { rooms, apps, workloads, slots } = firstChange([enforcedSlot({ node: 'n2' })]);
    sync(change({ rooms, apps }));
    const reply = preemptOn('n1', 'n2');
    await until(() => asked.length > 0);
    desk.receive({ kind: 'victims', question: 1, victims: new Map() });
    sync(change({ workloads }), change({ slots }));
    expect(await reply).toMatchObject({ json: { NodeNameToMetaVictims: { n2: { Pods: [{ UID: 'v' }] } } } });
  });

  test('wakes a member whose node is gone when it may go elsewhere, and lets it go there', async () => {
    sync(firstChange([enforcedSlot({ node: 'gone' })]));
    expect(await filter()).toMatchObject({ json: { NodeNames: [] } });
    const key = memberKey(APP.uid, 'es-0');
    sync(change({ standIns: [[key, { nodes: ['n3', 'n1'], message: '' }]] }));
    expect(asked).toMatchObject([{ kind: 'wake', pods: [{ uid: 'pod-1' }] }]);
    expect(await filter()).toMatchObject({ json: { NodeNames: ['n3', 'n1'] } });
    expect(await post('/prioritize', { Pod: rawPod(), NodeNames: ['n3', 'n1'] })).toMatchObject({
      json: [
        { Host: 'n3', Score: 10 },
        { Host: 'n1', Score: 9 },
      ],
    });
    sync(change({ standIns: [[key, undefined]] }));
    expect(await filter()).toMatchObject({ json: { NodeNames: [] } });
  });

  test('wakes a pod whose owner was unknown when it becomes known', async () => {
    sync(change({ slots: firstChange([enforcedSlot()]).slots, apps: firstChange().apps }));
    expect(await filter()).toMatchObject({ json: { NodeNames: [] } });
    sync(change({ workloads: firstChange().workloads }));
    expect(asked).toMatchObject([{ kind: 'wake', pods: [{ uid: 'pod-1' }] }]);
  });

  test('wakes other pods when a slot ends', async () => {
    const full = nodeRoom('n1', { free: { cpu: 0, memory: 0, pods: 0 }, reserves: true });
    sync(firstChange([enforcedSlot()], [full]));
    expect(await filter(rawPod('web', false), ['n1'])).toMatchObject({ json: { NodeNames: [] } });
    sync(change({ slots: [[memberKey(APP.uid, 'es-0'), undefined]], rooms: [['n1', nodeRoom('n1')]] }));
    expect(asked).toMatchObject([{ kind: 'wake', pods: [{ uid: 'web' }] }]);
    expect(await filter(rawPod('web', false), ['n1'])).toMatchObject({ json: { NodeNames: ['n1'] } });
  });

  test('wakes a member without a slot when there is more to say than what it was told, and only then', async () => {
    sync(change({ rooms: [['n1', nodeRoom('n1')]] }));
    expect(await filter()).toMatchObject({
      json: { FailedAndUnresolvableNodes: { n1: expect.stringMatching(/StatefulSet es .* is not known yet/) } },
    });
    sync(firstChange());
    expect(asked).toMatchObject([{ kind: 'wake', pods: [{ uid: 'pod-1' }] }]);
    expect(await filter()).toMatchObject({
      json: { FailedAndUnresolvableNodes: { n1: expect.stringMatching(/has not answered yet/) } },
    });
    const says = (message: string): void =>
      sync(change({ apps: [[APP.uid, { ref: APP, reason: 'InsufficientCPU', message }]] }));
    says('3 nodes have 500m cpu free');
    expect(asked.slice(1)).toMatchObject([{ kind: 'wake', pods: [{ uid: 'pod-1' }] }]);
    await filter();
    says('3 nodes have 400m cpu free');
    sync(change({ apps: [[APP.uid, { ref: APP, reason: undefined, message: '' }]] }));
    expect(asked).toHaveLength(2);
  });

  describe('a pod that lacks only what another may be about to take', () => {
    const three = { cpu: 1000, memory: 2 ** 34, pods: 110 };
    const rooms = NODES.map((name) => nodeRoom(name, { free: three, reserves: true }));
    beforeEach(async () => {
      sync(firstChange([], rooms));
      expect(await filter(stranger('first'))).toMatchObject({ json: { NodeNames: NODES } });
      expect(await filter(stranger('second'))).toMatchObject({
        json: {
          FailedAndUnresolvableNodes: {
            n1: expect.stringMatching(/beside the slots and pods that are just being placed at most 0m is free/),
          },
        },
      });
      expect(asked).toEqual([]);
    });
    afterEach(() => expect(asked).toMatchObject([{ kind: 'wake', pods: [{ uid: 'second' }] }]));

    test('is woken when that one is bound, and gets what is left', async () => {
      const used = nodeRoom('n1', { free: { ...three, cpu: 0 }, reserves: true });
      sync(change({ rooms: [['n1', used]], settledPods: ['first'] }));
      expect(await filter(stranger('second'))).toMatchObject({ json: { NodeNames: ['n2', 'n3'] } });
    });

    test('is woken when that one is binding elsewhere', () => sync(change({ bindingPods: [['first', 'n3']] })));

    test('is woken when nothing more is heard of that one', () => {
      desk.receive(pulse());
      expect(asked).toEqual([]);
      now = 31;
      desk.receive(pulse());
    });
  });

  test('does not wake a pod that lacks more than what others may be about to take', async () => {
    const little = { cpu: 500, memory: 2 ** 34, pods: 110 };
    sync(firstChange([], [nodeRoom('n1', { free: little, reserves: true }), nodeRoom('n2')]));
    await filter(stranger('first'));
    expect(await filter(stranger('second'), ['n1'])).toMatchObject({
      json: { FailedAndUnresolvableNodes: { n1: expect.stringMatching(/beside the slots at most 500m is free/) } },
    });
    sync(change({ settledPods: ['first'] }));
    expect(asked).toEqual([]);
  });

  test('does not wake what is gone', async () => {
    sync(firstChange());
    await filter();
    sync(change({ settledPods: ['pod-1'] }), firstChange([enforcedSlot()]));
    expect(asked).toEqual([]);
  });

  test('says what is wrong with a request that kube-scheduler does not send', async () => {
    sync(firstChange());
    expect(await post('/filter', { Pod: rawPod(), Nodes: { items: [] }, NodeNames: null })).toMatchObject({
      status: 200,
      json: { Error: expect.stringMatching(/nodeCacheCapable: true/) },
    });
    expect(await post('/prioritize', '{')).toEqual({ status: 400, json: expect.stringMatching(/not JSON/) });
    expect(warnings).toHaveLength(2);
  });

  test('takes a request of ten mebibytes', async () => {
    sync(firstChange());
    const names = Array.from({ length: 42_000 }, (_none, index) => `${index}-${'n'.repeat(245)}`);
    expect(await post('/prioritize', { Pod: rawPod('web', false), NodeNames: names })).toMatchObject({ status: 200 });
  });

  test('takes no request of more than sixteen', async () => {
    sync(firstChange());
    expect(await post('/filter', ' '.repeat(16 * 1024 * 1024 + 1))).toMatchObject({ status: 413 });
  });

  test('outlives the idle connections of kube-scheduler’s client, which keeps them for 90 seconds', () => {
    expect(app.server.keepAliveTimeout).toBeGreaterThan(90_000);
    expect([app.server.headersTimeout, app.server.requestTimeout]).toEqual([5000, 10_000]);
  });

  test('says what it waits for while it is not ready', async () => {
    expect((await app.inject('/readyz')).body).toContain('nothing is listed yet');
    desk.receive({ kind: 'syncing', awaited: ['pods', 'reservations'] });
    expect((await app.inject('/readyz')).body).toBe(
      'the caches are not synced yet: waiting for the list of pods, reservations\n',
    );
  });

  test('is not alive when the cache worker has been silent for a minute', async () => {
    sync(firstChange());
    desk.receive(pulse());
    now = 61;
    expect((await app.inject('/livez')).statusCode).toBe(503);
  });

  test('shows its health, and nothing else, where others can reach it', async () => {
    const health = makeHealthApp(desk);
    expect((await health.inject('/livez')).statusCode).toBe(200);
    expect((await health.inject('/readyz')).statusCode).toBe(503);
    expect((await health.inject('/metrics')).statusCode).toBe(200);
    expect((await health.inject({ method: 'POST', url: '/filter', payload: {} })).statusCode).toBe(404);
    await health.close();
  });

  test('measures what it does', async () => {
    sync(firstChange());
    desk.receive(pulse({ staleSeconds: 7, overbookedNodes: 2, overbookings: 3, operatorAway: true }));
    await filter();
    const { body } = await app.inject('/metrics');
    for (const line of [
      'proffer_extender_request_duration_seconds_count{verb="filter",outcome="refused"} 1',
      'proffer_extender_nodes_sum{verb="filter"} 0',
      'proffer_extender_rejections_total{reason="NoSlot"} 1',
      'proffer_extender_ledger_admissions 0',
      'proffer_extender_refused_pods 1',
      'proffer_extender_known_nodes 3',
      'proffer_extender_view_staleness_seconds 7',
      'proffer_extender_double_booked_nodes 2',
      'proffer_extender_double_bookings_total 3',
      'proffer_extender_operator_away 1',
      'proffer_extender_stand_ins 0',
    ]) {
      expect(body).toContain(`${line}\n`);
    }
  });
});

async function until(done: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !done(); turn += 1) await new Promise(setImmediate);
}
