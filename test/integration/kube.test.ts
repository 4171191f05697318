// How we talk to Kubernetes, against a real API server: what the hostile server of the unit tests claims about it must be true.
import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { connect, type KubeClient } from '../../src/kube/client.ts';
import { KubeError, classify, fieldConflicts, isReplaced } from '../../src/kube/errors.ts';
import { EventRecorder } from '../../src/kube/events.ts';
import type { KubeObject } from '../../src/kube/kube-object.ts';
import { LeaderElector } from '../../src/kube/lease.ts';
import { Reflector } from '../../src/kube/reflector.ts';
import { CONFIG_MAP, EVENT, LEASE, NAMESPACE, NODE, STATEFUL_SET, pathOf } from '../../src/kube/resource-type.ts';
import { Store } from '../../src/kube/store.ts';
import { parseWatchLine, type WatchEvent } from '../../src/kube/watch-event.ts';
import { Writer } from '../../src/kube/writer.ts';
import { startCluster } from '../cluster/embedded.ts';
import type { TestCluster } from '../cluster/test-cluster.ts';
import { eventually } from '../support/hostile-clock.ts';

let cluster: TestCluster;
let client: KubeClient;
let writer: Writer;
let namespace: string;
let stop: AbortController;
let namespaces = 0;
const running: Promise<unknown>[] = [];

beforeAll(async () => {
  cluster = await startCluster({ realNodes: 0, fakeNodes: false, defaultScheduler: false });
  client = connect({ kubeconfigPath: cluster.kubeconfigPath, userAgent: 'proffer/test' });
  writer = new Writer({ client, fieldManager: 'proffer' });
}, 600_000);

afterAll(async () => {
  client?.close();
  await cluster?.down();
}, 60_000);

beforeEach(async () => {
  namespace = `kube-${(namespaces += 1)}`;
  stop = new AbortController();
  await writer.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});

afterEach(async () => {
  stop.abort();
  await Promise.all(running.splice(0));
});

const configMap = (data: Record<string, string>, metadata: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x', namespace, ...metadata },
  data,
});

const statefulSet = (container: object, spec: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'set', namespace },
  spec: {
    serviceName: 'set',
    replicas: 0,
    selector: { matchLabels: { app: 'set' } },
    template: {
      metadata: { labels: { app: 'set' } },
      spec: { containers: [{ name: 'main', image: 'pause', ...container }] },
    },
    ...spec,
  },
});

async function failureOf(promise: Promise<unknown>): Promise<KubeError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof KubeError)) throw new Error(`expected a KubeError, not ${String(error)}`);
  return error;
}

const uidOf = (object: KubeObject) => String(object.metadata.uid);
const versionOf = (object: KubeObject | undefined) => String(object?.metadata.resourceVersion);

describe('the reflector', () => {
  test('lists in pages, follows changes, survives a cut, and ends up with what the server has', async () => {
    const names = Array.from({ length: 23 }, (_, index) => `m-${String(index).padStart(2, '0')}`);
    for (const name of names) await writer.apply(configMap({ round: '1' }, { name, labels: { mine: 'yes' } }));
    const own = connect({ kubeconfigPath: cluster.kubeconfigPath, userAgent: 'proffer/test' });
    const store = new Store<string>();
    const reflector = new Reflector<string>({
      client: own,
      type: CONFIG_MAP,
      namespace,
      labelSelector: 'mine=yes',
      pageSize: 5,
      store,
      project: (raw) => versionOf(raw as KubeObject),
    });
    running.push(reflector.run(stop.signal).finally(() => own.close()));
    await reflector.whenSynced(AbortSignal.timeout(10_000));
    expect(store.size).toBe(23);

    await writer.apply(configMap({ round: '2' }, { name: 'm-00', labels: { mine: 'yes' } }));
    await writer.apply(configMap({ round: '2' }, { name: 'm-99', labels: { mine: 'yes' } }));
    own.close();
    const gone = await writer.get(CONFIG_MAP, namespace, 'm-01');
    await writer.delete(CONFIG_MAP, namespace, 'm-01', { uid: String(gone?.metadata.uid) });
    const { items } = await client.request<{ items: readonly KubeObject[] }>({
      method: 'GET',
      path: pathOf(CONFIG_MAP, namespace),
      query: { labelSelector: 'mine=yes' },
    });
    const wanted = Object.fromEntries(items.map((item) => [`${namespace}/${item.metadata.name}`, versionOf(item)]));
    await eventually('the store equals the server', () => {
      return isDeepStrictEqual(Object.fromEntries(store.entries()), wanted);
    });
    expect(reflector.counters).toMatchObject({ lists: 1, projectionErrors: 0, unparsableLines: 0 });
  }, 30_000);

  test('is told of an object that leaves the selection as a deletion', async () => {
    await writer.apply(configMap({}, { labels: { mine: 'yes' } }));
    const store = new Store<unknown>();
    const reflector = new Reflector<unknown>({
      client,
      type: CONFIG_MAP,
      namespace,
      labelSelector: 'mine=yes',
      store,
      project: () => 1,
    });
    running.push(reflector.run(stop.signal));
    await reflector.whenSynced(AbortSignal.timeout(10_000));
    await writer.apply(configMap({}, { labels: { mine: 'no' } }));
    await eventually('it is gone', () => store.size === 0);
  }, 20_000);

  test('understands bookmarks', async () => {
    const events: WatchEvent[] = [];
    const query = { watch: true, allowWatchBookmarks: true, resourceVersion: 0, timeoutSeconds: 4 };
    const path = pathOf(NAMESPACE);
    await client.stream({ path, query, signal: stop.signal, inactivitySeconds: 20 }, (line) =>
      events.push(parseWatchLine(line)),
    );
    const bookmark = events.find(({ type }) => type === 'BOOKMARK');
    expect(Number(bookmark?.resourceVersion)).toBeGreaterThan(0);
  }, 30_000);

  test('keeps trying, and says why, while it may not look', async () => {
    await cluster.kubectl(['-n', namespace, 'create', 'serviceaccount', 'nobody']);
    const path = await cluster.serviceAccountKubeconfig(namespace, 'nobody');
    const nobody = connect({ kubeconfigPath: path, userAgent: 'proffer/test' });
    const refusals: string[] = [];
    const log = {
      debug: () => undefined,
      info: () => undefined,
      error: () => undefined,
      warn: (fields: object) => refusals.push(String((fields as { err: unknown }).err)),
    };
    const reflector = new Reflector<unknown>({
      client: nobody,
      type: CONFIG_MAP,
      namespace,
      store: new Store(),
      project: () => 1,
      log,
    });
    running.push(reflector.run(stop.signal).finally(() => nobody.close()));
    await eventually('the first refusal', () => reflector.counters.errors > 0);
    expect([reflector.synced, refusals[0]]).toEqual([
      false,
      expect.stringContaining('cannot list resource "configmaps"'),
    ]);
    await cluster.kubectl([
      '-n',
      namespace,
      'create',
      'rolebinding',
      'look',
      '--clusterrole=view',
      `--serviceaccount=${namespace}:nobody`,
    ]);
    await reflector.whenSynced(AbortSignal.timeout(15_000));
  }, 40_000);
});

describe('an apply', () => {
  test('that changes nothing writes nothing', async () => {
    const first = await writer.apply(configMap({ a: '1' }));
    const second = await writer.apply(configMap({ a: '1' }));
    expect(versionOf(second)).toBe(versionOf(first));
  });

  test('accepts an object as it was read, and removes what we said before and say no more', async () => {
    const read = await writer.apply(configMap({ a: '1', b: '1' }));
    const changed = await writer.apply({ ...read, data: { a: '2' } });
    expect(changed['data']).toEqual({ a: '2' });
  });

  test('takes fields over from others, unless told not to; then it names them and retrying is no use', async () => {
    await cluster.kubectl(['-n', namespace, 'create', 'configmap', 'x', '--from-literal=a=theirs']);
    const error = await failureOf(writer.apply(configMap({ a: 'ours' }), { force: false }));
    expect([classify(error), fieldConflicts(error).map(({ field }) => field)]).toEqual(['terminal', ['.data.a']]);
    expect((await writer.apply(configMap({ a: 'ours' })))['data']).toEqual({ a: 'ours' });
  });

  test('with the UID of an object that is gone does not make a new one', async () => {
    const error = await failureOf(writer.apply(configMap({}, { uid: 'ec0e0c9e-0000-4000-8000-000000000000' })));
    expect([classify(error), isReplaced(error)]).toEqual(['conflict', true]);
  });

  test.each([
    ['an unknown field', () => statefulSet({ comand: ['x'] })],
    ['a wrong type', () => statefulSet({}, { replicas: 'three' })],
    ['an unreadable quantity', () => statefulSet({ resources: { requests: { cpu: 'lots' } } })],
    ['a missing field', () => statefulSet({ image: '' })],
  ])('with %s is terminal, on trial and in earnest', async (_what, object) => {
    expect(classify(await failureOf(writer.dryRunApply(object())))).toBe('terminal');
    expect(classify(await failureOf(writer.apply(object())))).toBe('terminal');
  });

  test('on trial changes nothing', async () => {
    await writer.dryRunApply(statefulSet({}));
    expect(await writer.get(STATEFUL_SET, namespace, 'set')).toBeUndefined();
  });

  test('of a status changes only that, and never makes the object', async () => {
    const status = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'set', namespace },
      status: { replicas: 3 },
    };
    expect(classify(await failureOf(writer.applyStatus(status, 'proffer-status')))).toBe('notFound');
    await writer.apply(statefulSet({}));
    const after = await writer.applyStatus(status, 'proffer-status');
    expect(after).toMatchObject({ status: { replicas: 3 }, spec: { replicas: 0 } });
  });
});

const changedSinceRead = async (): Promise<KubeObject> => {
  const read = await writer.create(configMap({ a: '1' }));
  await writer.apply(configMap({ a: '2' }));
  return read;
};

describe('a guarded write', () => {
  test('of an object that changed since it was read is a conflict', async () => {
    const read = await changedSinceRead();
    expect(classify(await failureOf(writer.updateCas(read)))).toBe('conflict');
    const patch = writer.patchCas(CONFIG_MAP, namespace, 'x', { data: { a: '3' } }, versionOf(read));
    expect(classify(await failureOf(patch))).toBe('conflict');
    const fresh = await writer.get(CONFIG_MAP, namespace, 'x');
    const done = await writer.patchCas(CONFIG_MAP, namespace, 'x', { data: { a: '3' } }, versionOf(fresh));
    expect(done['data']).toEqual({ a: '3' });
    expect((await writer.updateCas({ ...done, data: { b: '4' } }))['data']).toEqual({ b: '4' });
  });

  test('of metadata reaches only the very object', async () => {
    const read = await changedSinceRead();
    const patch = { annotations: { 'proffer.dev/wake': '1' } };
    const done = await writer.patchMetadata(CONFIG_MAP, namespace, 'x', patch, { uid: uidOf(read) });
    expect(done.metadata['annotations']).toEqual({ 'proffer.dev/wake': '1' });
    const error = await failureOf(writer.patchMetadata(CONFIG_MAP, namespace, 'x', patch, { uid: 'another' }));
    expect([classify(error), isReplaced(error)]).toEqual(['conflict', true]);
  });

  test('that creates what exists says so', async () => {
    await changedSinceRead();
    expect(classify(await failureOf(writer.create(configMap({}))))).toBe('alreadyExists');
  });

  test('that deletes leaves a successor alone, and an object in another state', async () => {
    const read = await changedSinceRead();
    await writer.delete(CONFIG_MAP, namespace, 'x', { uid: 'another' });
    const { resourceVersion } = read.metadata;
    const error = await failureOf(writer.delete(CONFIG_MAP, namespace, 'x', { uid: uidOf(read), resourceVersion }));
    expect([classify(error), isReplaced(error)]).toEqual(['conflict', false]);
    expect(await writer.get(CONFIG_MAP, namespace, 'x')).toBeDefined();
    await writer.delete(CONFIG_MAP, namespace, 'x', {
      uid: uidOf(read),
      gracePeriodSeconds: 0,
      propagation: 'Background',
    });
    await writer.delete(CONFIG_MAP, namespace, 'x', { uid: uidOf(read) });
    expect(await writer.get(CONFIG_MAP, namespace, 'x')).toBeUndefined();
  });
});

const candidate = (identity: string) => {
  const times = { leaseSeconds: 4, renewSeconds: 3, retrySeconds: 0.3 };
  const elector = new LeaderElector({ client, namespace, name: 'proffer', identity, ...times });
  const own = new AbortController();
  stop.signal.addEventListener('abort', () => own.abort(), { once: true });
  const run = elector.run(own.signal, { onStarted: () => undefined, onLost: () => undefined });
  running.push(run);
  return { elector, run, release: () => own.abort() };
};

describe('the lease', () => {
  test('has one holder, passes on at once when released, and counts its holders', async () => {
    const first = candidate('first');
    await eventually('the first leads', () => first.elector.isLeader());
    const second = candidate('second');
    const before = await writer.get(LEASE, namespace, 'proffer');
    await eventually('the second has looked', () => second.elector.holder === 'first');
    expect(second.elector.isLeader()).toBe(false);
    first.release();
    await first.run;
    await eventually('the second leads', () => second.elector.isLeader());
    expect([first.elector.epoch, second.elector.epoch]).toEqual([1, 2]);
    expect(before?.['spec']).toMatchObject({
      holderIdentity: 'first',
      acquireTime: expect.stringMatching(/\.\d{6}Z$/),
    });
    const after = await writer.get(LEASE, namespace, 'proffer');
    expect(after?.['spec']).toMatchObject({ holderIdentity: 'second', leaseTransitions: 2 });
  }, 20_000);
});

const recorder = () => new EventRecorder({ client, controller: 'proffer.dev/operator', instance: 'test-0' });

describe('events', () => {
  test('are accepted at their limits, counted, and shown by kubectl', async () => {
    const events = recorder();
    const object = await writer.apply(configMap({}));
    const about = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'x', uid: uidOf(object) };
    const event = { type: 'Warning', reason: 'NoNodes', message: 'ž'.repeat(2000) } as const;
    for (let time = 1; time <= 4; time += 1) events.record(about, event);
    const node = { apiVersion: 'v1', kind: 'Node', name: 'no-such-node', uid: namespace };
    events.record(node, { type: 'Normal', reason: 'Looked', message: 'cluster-scoped' });
    await events.flush(10);
    expect(events.counters).toEqual({ recorded: 5, repeated: 3, sent: 4, dropped: 0 });
    const { items } = await client.request<{ items: readonly KubeObject[] }>({
      method: 'GET',
      path: pathOf(EVENT, namespace),
    });
    expect(items).toMatchObject([{ reason: 'NoNodes', series: { count: 4 } }]);
    expect(await cluster.kubectl(['-n', namespace, 'get', 'events'])).toMatch(/Warning\s+NoNodes\s+configmap\/x/);
  });
});

test('a read of what is not there, whatever its scope, is no error', async () => {
  expect(await writer.get(NODE, undefined, 'no-such-node')).toBeUndefined();
  expect(await writer.get(CONFIG_MAP, 'no-such-namespace', 'x')).toBeUndefined();
});
