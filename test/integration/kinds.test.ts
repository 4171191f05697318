// The six kinds against a real API server: accepted, defaulted, printed, scaled, and every mistake that admission can catch
// answered with what to do about it.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { GROUP } from '../../src/api/group.ts';
import { KINDS } from '../../src/api/kind.ts';
import { parsePersistentApp } from '../../src/api/parse.ts';
import { connect, type KubeClient, type Query } from '../../src/kube/client.ts';
import { pathOf } from '../../src/kube/resource-type.ts';
import { startCluster } from '../cluster/embedded.ts';
import { untilEstablished } from '../cluster/established.ts';
import type { TestCluster } from '../cluster/test-cluster.ts';
import { app, BAD, type Fields, FIXED, GOOD, manifest, slot, volume } from './kinds-to-judge.ts';

let cluster: TestCluster;
let client: KubeClient;

beforeAll(async () => {
  cluster = await startCluster({ realNodes: 0, fakeNodes: false, defaultScheduler: false });
  client = connect({ kubeconfigPath: cluster.kubeconfigPath, userAgent: 'kinds-test' });
  await cluster.kubectl(['apply', '--server-side', '-f', join(import.meta.dirname, '../../crds')]);
  await untilEstablished(
    (args) => cluster.kubectl(args),
    KINDS.map((kind) => `${kind.plural}.${GROUP}`),
  );
}, 600_000);

afterAll(async () => {
  client?.close();
  await cluster?.down();
}, 60_000);

/** Where the object is, or with `isNew` where it is made. */
function placeOf({ kind, metadata }: Fields, namespace = 'default', isNew = false): string {
  const found = KINDS.find((one) => one.kind === kind);
  if (found === undefined) throw new Error(`${String(kind)} is no kind of ours`);
  const type = { ...found, apiVersion: `${GROUP}/v1alpha1`, namespaced: found.scope === 'Namespaced' };
  return pathOf(type, namespace, isNew ? undefined : (metadata as { name: string }).name);
}

/** As kubectl create does, which has the API server look for unknown fields. Hundreds of kubectls would take a minute. */
function create(object: Fields, query: Query = {}, namespace = 'default'): Promise<Fields> {
  const path = placeOf(object, namespace, true);
  return client.request<Fields>({ method: 'POST', path, query: { fieldValidation: 'Strict', ...query }, body: object });
}

const dryRun = (object: Fields): Promise<Fields> => create(object, { dryRun: 'All' });

async function replace(object: Fields): Promise<void> {
  await client.request({
    method: 'PATCH',
    path: placeOf(object),
    query: { fieldManager: 'kubectl', force: true, fieldValidation: 'Strict' },
    contentType: 'application/apply-patch+yaml',
    body: object,
  });
}

describe('the API server', () => {
  test('accepts all six kinds', async () => {
    const names = await cluster.kubectl([
      'api-resources',
      '--api-group',
      GROUP,
      '--categories',
      'proffer',
      '-o',
      'name',
    ]);
    expect(names.trim().split('\n').toSorted()).toEqual(KINDS.map((kind) => `${kind.plural}.${GROUP}`).toSorted());
  });

  test('accepts what is right', async () => {
    for (const object of GOOD) await expect(dryRun(object)).resolves.toMatchObject({ kind: object['kind'] });
  }, 60_000);

  test.each(BAD)('refuses %s, and says what to do', async (_, object, message) => {
    await expect(dryRun(object)).rejects.toThrow(message);
  });

  test.each(FIXED)('refuses to change %s', async (_, before, after, message) => {
    await replace(before);
    try {
      await expect(replace(after)).rejects.toThrow(message);
    } finally {
      await client.request({ method: 'DELETE', path: placeOf(before) });
    }
  });

  test('names an unknown field, and keeps quiet about those inside a pod', async () => {
    await expect(dryRun(app({ replcas: 3 }))).rejects.toThrow('unknown field "spec.replcas"');
    await expect(dryRun(app({ volumeClaims: [volume({ sise: '1Gi' })] }))).rejects.toThrow(
      'unknown field "spec.volumeClaims[0].sise"',
    );
    const template = { spec: { containers: [{ name: 'es', imagePulPolicy: 'Always' }] } };
    await expect(dryRun(app({ template }))).resolves.toMatchObject({ spec: { template } });
  });
});

const getApp = async (): Promise<Fields> =>
  JSON.parse(await cluster.kubectl(['get', 'papp', 'es', '-o', 'json'])) as Fields;

describe('an app', () => {
  beforeAll(async () => {
    await replace(app({ replicas: 1 }));
  });

  test('gets from the API server the same defaults that its schema gives', async () => {
    const filled = await getApp();
    expect(parsePersistentApp(app()).spec).toEqual(filled['spec']);
  });

  test('grows its volumes and never shrinks them', async () => {
    await replace(app({ volumeClaims: [volume({ size: '20Gi' })] }));
    await expect(replace(app({ volumeClaims: [volume({ size: '15Gi' })] }))).rejects.toThrow(
      'a volume may not shrink: it has 20Gi, 15Gi was asked; keep 20Gi or make it larger',
    );
    await expect(replace(app({ volumeClaims: [volume({ size: '20480Mi' })] }))).resolves.toBeUndefined();
  });

  test('takes a volume more', async () => {
    const second = volume({ name: 'logs', mountPath: '/logs' });
    await expect(replace(app({ volumeClaims: [volume({ size: '20Gi' }), second] }))).resolves.toBeUndefined();
  });

  test('scales through the scale subresource', async () => {
    await cluster.kubectl(['scale', 'papp/es', '--replicas=3']);
    const status = { status: { replicas: 1, readyReplicas: 1, updatedReplicas: 1, selector: 'proffer.dev/app=es' } };
    await cluster.kubectl([
      'patch',
      'papp',
      'es',
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify(status),
    ]);
    const scale = JSON.parse(
      await cluster.kubectl(['get', '--raw', '/apis/proffer.dev/v1alpha1/namespaces/default/persistentapps/es/scale']),
    ) as Fields;
    expect(scale).toMatchObject({ spec: { replicas: 3 }, status: { replicas: 1, selector: 'proffer.dev/app=es' } });
  });

  test('prints its columns, and more with -o wide', async () => {
    const summary = { ready: '3/3', status: 'Running', reason: '', zones: 'a,b,c', storage: '30Gi', lastRecovery: '' };
    await cluster.kubectl([
      'patch',
      'papp',
      'es',
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify({ status: { summary } }),
    ]);
    const [header = '', row = ''] = (await cluster.kubectl(['get', 'papp'])).split('\n');
    expect(header.split(/\s+/).filter(Boolean)).toEqual([
      'NAME',
      'READY',
      'STATUS',
      'FRAMEWORK',
      'UPDATED',
      'REASON',
      'AGE',
    ]);
    expect(row).toMatch(/^es\s+3\/3\s+Running\s+default\s+1\s+/);
    const wide = await cluster.kubectl(['get', 'papp', '-o', 'wide']);
    expect(wide).toMatch(/ZONES\s+STORAGE\s+LAST-RECOVERY/);
    expect(wide).toMatch(/a,b,c\s+30Gi/);
  });

  test('is not changed by a status write, nor its status by a spec write', async () => {
    await cluster.kubectl([
      'patch',
      'papp',
      'es',
      '--subresource=status',
      '--type=merge',
      '-p',
      '{"spec":{"replicas":7}}',
    ]);
    await cluster.kubectl(['patch', 'papp', 'es', '--type=merge', '-p', '{"status":{"replicas":7}}']);
    expect(await getApp()).toMatchObject({ spec: { replicas: 3 }, status: { replicas: 1 } });
  });

  test('may have the same name in another namespace', async () => {
    await cluster.kubectl(['create', 'namespace', 'other']);
    await expect(create(app(), {}, 'other')).resolves.toMatchObject({ metadata: { namespace: 'other' } });
  });
});

test('a reservation prints its slots', async () => {
  const spec = { app: { name: 'es', uid: 'u1' }, slots: [slot()], summary: { slots: 1, claimed: 0, nodes: 'n1' } };
  await create(manifest('Reservation', 'printed', spec));
  const [header = '', row = ''] = (await cluster.kubectl(['get', 'rsv', 'printed'])).split('\n');
  expect(header.split(/\s+/).filter(Boolean)).toEqual(['NAME', 'APP', 'SLOTS', 'CLAIMED', 'NODES', 'AGE']);
  expect(row).toMatch(/^printed\s+es\s+1\s+0\s+n1\s+/);
});
