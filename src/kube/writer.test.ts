import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { HostileApi } from '../../test/support/hostile-api.ts';
import { HostileServer, failure, json, lose } from '../../test/support/hostile-server.ts';
import { GivenConnection } from './connection.ts';
import { NotLeaderError } from './errors.ts';
import { HttpKubeClient } from './http-client.ts';
import type { KubeObject } from './kube-object.ts';
import { CONFIG_MAP, NODE } from './resource-type.ts';
import type { WriteReport } from './write-sender.ts';
import { Writer } from './writer.ts';

const COLLECTION = '/api/v1/namespaces/a/configmaps';
const PATH = `${COLLECTION}/x`;

let server: HostileServer;
let api: HostileApi;
let client: HttpKubeClient;
let leads: boolean;
let reports: WriteReport[];
let writer: Writer;

beforeEach(async () => {
  server = await new HostileServer().start();
  api = new HostileApi();
  server.otherwise(api.reply);
  client = new HttpKubeClient({ connection: new GivenConnection(server.url), userAgent: 'proffer/test' });
  leads = true;
  reports = [];
  writer = new Writer({
    client,
    fieldManager: 'proffer',
    mayWrite: () => leads,
    onWrite: (report) => reports.push(report),
  });
});

afterEach(async () => {
  client.close();
  await server.stop();
});

const configMap = (data: Record<string, string> = {}, metadata: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x', namespace: 'a', ...metadata },
  data,
});

const last = () => {
  const received = server.received.at(-1);
  if (received === undefined) throw new Error('nothing was sent');
  return { ...received, query: Object.fromEntries(received.query), type: received.headers['content-type'] };
};

/** What is stored before the test, as the API server would give it. */
const stored = () => api.put(COLLECTION, configMap({ a: '1' })) as KubeObject;

describe('apply', () => {
  test('sends the object as server-side apply with our manager, taking fields over', async () => {
    await writer.apply(configMap({ a: '1' }));
    expect(last()).toMatchObject({
      method: 'PATCH',
      path: PATH,
      query: { fieldManager: 'proffer', force: 'true' },
      type: 'application/apply-patch+yaml',
      body: configMap({ a: '1' }),
    });
  });

  test('leaves out what only the server may say', async () => {
    const read = {
      managedFields: [{}],
      resourceVersion: '5',
      creationTimestamp: '2026-01-02T03:04:05Z',
      labels: { l: 'v' },
    };
    await writer.apply(configMap({}, read), { force: false });
    expect(last()).toMatchObject({ query: { force: 'false' } });
    expect(last().body).toEqual(configMap({}, { labels: { l: 'v' } }));
  });

  test('of a cluster-scoped object needs no namespace', async () => {
    await writer.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } });
    expect(last().path).toBe('/api/v1/nodes/n');
  });

  test('of a status goes to the status, under a manager of its own', async () => {
    await writer.applyStatus({ ...configMap(), status: { ready: true } }, 'proffer-status');
    expect(last()).toMatchObject({ path: `${PATH}/status`, query: { fieldManager: 'proffer-status', force: 'true' } });
  });

  test('on trial is strict, changes nothing and needs no lease', async () => {
    leads = false;
    await writer.dryRunApply(configMap());
    expect(last().query).toEqual({ fieldManager: 'proffer', force: 'true', dryRun: 'All', fieldValidation: 'Strict' });
    expect(reports).toEqual([]);
  });
});

const lostAndAgain = async <T>(write: () => Promise<T>): Promise<T> => {
  api.repliesToLose = 1;
  await expect(write()).rejects.toMatchObject({ status: 0 });
  return write();
};

describe('a lost reply', () => {
  test('to an apply: the same apply again leaves one object as wanted', async () => {
    await lostAndAgain(() => writer.apply(configMap({ a: '2' })));
    expect(api.get(PATH)).toMatchObject({ data: { a: '2' } });
  });

  test('to a create: the same create again says that it exists', async () => {
    await expect(lostAndAgain(() => writer.create(configMap()))).rejects.toMatchObject({
      status: 409,
      reason: 'AlreadyExists',
    });
    expect(api.list(COLLECTION).length).toBe(1);
  });

  test('to a deletion: the same deletion again is done', async () => {
    const uid = String(stored().metadata.uid);
    await lostAndAgain(() => writer.delete(CONFIG_MAP, 'a', 'x', { uid }));
    expect(api.get(PATH)).toBeUndefined();
  });

  test('to a deletion: an object that took the name meanwhile is left alone', async () => {
    const uid = String(stored().metadata.uid);
    server.script(lose(() => api.remove(PATH)));
    await expect(writer.delete(CONFIG_MAP, 'a', 'x', { uid })).rejects.toMatchObject({ status: 0 });
    const successor = stored();
    await writer.delete(CONFIG_MAP, 'a', 'x', { uid });
    expect(api.get(PATH)).toEqual(successor);
  });

  test('to a compare-and-swap: the same again is a conflict, never a second effect', async () => {
    const read = stored();
    await expect(lostAndAgain(() => writer.updateCas({ ...read, data: { a: '2' } }))).rejects.toMatchObject({
      reason: 'Conflict',
    });
    expect(api.get(PATH)).toMatchObject({ data: { a: '2' } });
  });
});

describe('a compare-and-swap', () => {
  test('replaces raw JSON with everything in it', async () => {
    const read = stored();
    await writer.updateCas({ ...read, invented: { later: true } });
    expect(last()).toMatchObject({ method: 'PUT', path: PATH, body: { invented: { later: true } } });
  });

  test('fails when somebody changed the object since it was read', async () => {
    const read = stored();
    stored();
    await expect(writer.updateCas(read)).rejects.toMatchObject({ status: 409, reason: 'Conflict' });
    const version = String(read.metadata.resourceVersion);
    await expect(writer.patchCas(CONFIG_MAP, 'a', 'x', { data: {} }, version)).rejects.toMatchObject({
      reason: 'Conflict',
    });
  });

  test('without a version is refused before it is sent', async () => {
    await expect(writer.updateCas(configMap())).rejects.toThrow('would overwrite blindly');
    expect(server.received).toEqual([]);
  });

  test('by patch carries the version beside the change', async () => {
    const version = String(stored().metadata.resourceVersion);
    await writer.patchCas(
      CONFIG_MAP,
      'a',
      'x',
      { data: { a: null, b: '2' }, metadata: { labels: { l: 'v' } } },
      version,
    );
    expect(last()).toMatchObject({
      method: 'PATCH',
      type: 'application/merge-patch+json',
      body: { data: { a: null, b: '2' }, metadata: { labels: { l: 'v' }, resourceVersion: version } },
    });
    expect(api.get(PATH)).toMatchObject({ data: { b: '2' } });
  });
});

test('a patch of metadata names the very object it is for', async () => {
  const uid = String(stored().metadata.uid);
  await writer.patchMetadata(CONFIG_MAP, 'a', 'x', { annotations: { woken: '1', old: null } }, { uid });
  expect(last()).toMatchObject({
    type: 'application/merge-patch+json',
    body: { metadata: { uid, annotations: { woken: '1', old: null } } },
  });
  const stale = writer.patchMetadata(CONFIG_MAP, 'a', 'x', {}, { uid, resourceVersion: '7' });
  await expect(stale).rejects.toThrow('the object has been modified');
  expect(last()).toMatchObject({ body: { metadata: { uid, resourceVersion: '7' } } });
});

const evict = (dryRun?: boolean) => writer.evict('a', 'p-0', { uid: 'u-1', dryRun });
const says = (code: number, reason: string, message: string) => server.otherwise(failure(code, reason, message));

describe('an eviction', () => {
  test('is asked for with the UID of the pod that is meant', async () => {
    server.otherwise(json(201, { kind: 'Status', status: 'Success' }));
    await evict();
    expect(last()).toMatchObject({ method: 'POST', path: '/api/v1/namespaces/a/pods/p-0/eviction', query: {} });
    expect(last().body).toMatchObject({
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'p-0', namespace: 'a' },
      deleteOptions: { preconditions: { uid: 'u-1' } },
    });
    expect(reports).toMatchObject([{ verb: 'evict', kind: 'Pod', key: 'a/p-0', outcome: 'ok' }]);
  });

  test('on trial changes nothing and needs no lease', async () => {
    server.otherwise(json(201, { kind: 'Status', status: 'Success' }));
    leads = false;
    await evict(true);
    expect(last().query).toEqual({ dryRun: 'All' });
    expect(reports).toEqual([]);
    await expect(evict()).rejects.toThrow(NotLeaderError);
  });

  test('of what is not there, or was replaced, is done', async () => {
    says(404, 'NotFound', 'pods "p-0" not found');
    await evict();
    says(409, 'Conflict', 'the UID in the precondition (u-1) does not match the UID in record (u-2)');
    await evict();
  });

  test('that a disruption budget forbids is told', async () => {
    says(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.");
    await expect(evict()).rejects.toMatchObject({ status: 429 });
    expect(reports).toMatchObject([{ verb: 'evict', outcome: 'throttled' }]);
  });
});

describe('a deletion', () => {
  test('carries its preconditions and how to go about it', async () => {
    const { uid, resourceVersion } = stored().metadata;
    const options = { uid: String(uid), resourceVersion, gracePeriodSeconds: 0, propagation: 'Orphan' } as const;
    await writer.delete(CONFIG_MAP, 'a', 'x', options);
    expect(last()).toMatchObject({
      method: 'DELETE',
      body: {
        kind: 'DeleteOptions',
        preconditions: { uid, resourceVersion },
        gracePeriodSeconds: 0,
        propagationPolicy: 'Orphan',
      },
    });
  });

  test('of what is not there is done', async () => {
    await writer.delete(NODE, undefined, 'n', { uid: 'u' });
    expect(reports).toMatchObject([{ verb: 'delete', kind: 'Node', key: 'n', outcome: 'notFound' }]);
  });

  test('of an object that changed meanwhile is a conflict', async () => {
    const { uid, resourceVersion } = stored().metadata;
    stored();
    await expect(writer.delete(CONFIG_MAP, 'a', 'x', { uid: String(uid), resourceVersion })).rejects.toMatchObject({
      status: 409,
    });
    expect(api.get(PATH)).toBeDefined();
  });
});

test('without the lease nothing is written, whatever the verb', async () => {
  const read = stored();
  leads = false;
  const writes = [
    () => writer.apply(configMap()),
    () => writer.applyStatus(configMap(), 'm'),
    () => writer.create(configMap()),
    () => writer.updateCas(read),
    () => writer.patchCas(CONFIG_MAP, 'a', 'x', {}, '1'),
    () => writer.patchMetadata(CONFIG_MAP, 'a', 'x', {}, { uid: 'u' }),
    () => writer.delete(CONFIG_MAP, 'a', 'x', { uid: 'u' }),
    () => writer.evict('a', 'x', { uid: 'u' }),
  ];
  for (const write of writes) await expect(write()).rejects.toThrow(NotLeaderError);
  expect(server.received).toEqual([]);
});

test('a mistake in addressing is a rejection, like every other failure', async () => {
  const write = writer.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } });
  await expect(write).rejects.toThrow('ConfigMap x is addressed without a namespace');
});

test('reading is live, needs no lease, and answers undefined for what is not there', async () => {
  leads = false;
  expect(await writer.get(CONFIG_MAP, 'a', 'x')).toBeUndefined();
  const read = stored();
  expect(await writer.get(CONFIG_MAP, 'a', 'x')).toEqual(read);
});

test('every write is reported with its outcome', async () => {
  await writer.apply(configMap());
  server.script(failure(422, 'Invalid'));
  await expect(writer.apply(configMap())).rejects.toMatchObject({ status: 422 });
  expect(reports).toMatchObject([
    { verb: 'apply', kind: 'ConfigMap', key: 'a/x', outcome: 'ok' },
    { verb: 'apply', kind: 'ConfigMap', key: 'a/x', outcome: 'terminal' },
  ]);
});
