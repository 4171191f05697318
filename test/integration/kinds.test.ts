// The six kinds against a real API server: accepted, defaulted, printed, scaled, and every mistake that admission can catch
// answered with what to do about it.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { GROUP } from '../../src/api/group.ts';
import { KINDS } from '../../src/api/kind.ts';
import { parsePersistentApp } from '../../src/api/parse.ts';
import { startCluster } from '../cluster/embedded.ts';
import { untilEstablished } from '../cluster/established.ts';
import type { TestCluster } from '../cluster/test-cluster.ts';
import { app, BAD, type Fields, FIXED, GOOD, manifest, slot, volume } from './kinds-to-judge.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startCluster({ realNodes: 0, fakeNodes: false, defaultScheduler: false });
  await cluster.kubectl(['apply', '--server-side', '-f', join(import.meta.dirname, '../../crds')]);
  await untilEstablished(
    (args) => cluster.kubectl(args),
    KINDS.map((kind) => `${kind.plural}.${GROUP}`),
  );
}, 600_000);

afterAll(async () => cluster?.down(), 60_000);

async function write(verb: 'create' | 'apply', object: Fields, ...flags: string[]): Promise<Fields> {
  const output = await cluster.kubectl([verb, ...flags, '-o', 'json', '-f', '-'], { input: JSON.stringify(object) });
  return JSON.parse(output) as Fields;
}

const dryRun = (object: Fields): Promise<Fields> => write('create', object, '--dry-run=server');

async function replace(object: Fields): Promise<void> {
  await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input: JSON.stringify(object) });
}

const strict = (object: Fields): Promise<Fields> => write('create', object, '--dry-run=server', '--validate=strict');

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
      await cluster.kubectl(['delete', '-f', '-'], { input: JSON.stringify(before) });
    }
  });

  test('names an unknown field, and keeps quiet about those inside a pod', async () => {
    await expect(strict(app({ replcas: 3 }))).rejects.toThrow('unknown field "spec.replcas"');
    await expect(strict(app({ volumeClaims: [volume({ sise: '1Gi' })] }))).rejects.toThrow(
      'unknown field "spec.volumeClaims[0].sise"',
    );
    const template = { spec: { containers: [{ name: 'es', imagePulPolicy: 'Always' }] } };
    await expect(strict(app({ template }))).resolves.toMatchObject({ spec: { template } });
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
    await expect(write('create', app(), '-n', 'other')).resolves.toMatchObject({ metadata: { namespace: 'other' } });
  });
});

test('a reservation prints its slots', async () => {
  const spec = { app: { name: 'es', uid: 'u1' }, slots: [slot()], summary: { slots: 1, claimed: 0, nodes: 'n1' } };
  await write('create', manifest('Reservation', 'printed', spec));
  const [header = '', row = ''] = (await cluster.kubectl(['get', 'rsv', 'printed'])).split('\n');
  expect(header.split(/\s+/).filter(Boolean)).toEqual(['NAME', 'APP', 'SLOTS', 'CLAIMED', 'NODES', 'AGE']);
  expect(row).toMatch(/^printed\s+es\s+1\s+0\s+n1\s+/);
});
