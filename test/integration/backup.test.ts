// Backups, restores and what becomes of volumes, against a real API server, the real snapshot controller and sidecars, and the array. Nodes are
// fake, so the test itself writes into the volumes' images and reads them back.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AppBackup } from '../../src/api/app-backup.ts';
import { startCluster } from '../cluster/embedded.ts';
import { startProfferScheduler, type ProfferScheduler } from '../cluster/proffer-scheduler.ts';
import type { TestCluster } from '../cluster/test-cluster.ts';
import { waitUntil } from '../cluster/wait-until.ts';
import { NAMESPACE, installProduct } from '../support/install-product.ts';
import { startProgram, type Program } from '../support/program.ts';

interface Live {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly generation: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: {
    readonly observedGeneration?: number;
    readonly readyReplicas?: number;
    readonly readyToUse?: boolean;
    readonly snapshotClassName?: string;
    readonly conditions?: readonly { readonly type: string; readonly reason: string; readonly message: string }[];
  };
}

const API = 'proffer.dev/v1alpha1';

let cluster: TestCluster;
let scheduler: ProfferScheduler;
let operator: Program;

beforeAll(async () => {
  cluster = await startCluster({ array: true, arrayOptions: { snapshots: true }, defaultScheduler: false });
  await Promise.all([cluster.addFakeNodes({ count: 3, cpu: '4', memory: '8Gi' }), installProduct(cluster)]);
  scheduler = await startProfferScheduler(cluster);
  const kubeconfig = await cluster.serviceAccountKubeconfig(NAMESPACE, 'proffer-operator');
  const flags = ['--kubeconfig', kubeconfig, '--namespace', NAMESPACE, '--identity', 'one', '--http-port', '0'];
  operator = startProgram(['operator', ...flags]);
  await apply({
    apiVersion: API,
    kind: 'StoragePool',
    metadata: { name: 'data' },
    spec: {
      provider: 'custom',
      custom: { provisioner: 'array.proffer.dev', parameters: { pool: 'shared' } },
      snapshots: { enabled: true },
    },
  });
  await until(
    'the pool has its snapshot class',
    async () => (await get('', 'spool', 'data')).status?.snapshotClassName === 'data',
  );
}, 1_200_000);

afterAll(async () => {
  await operator?.kill('SIGTERM');
  await scheduler?.stop();
  await cluster?.down();
}, 240_000);

async function apply(...objects: readonly object[]): Promise<void> {
  await cluster.kubectl(['apply', '-f', '-'], {
    input: objects.map((object) => JSON.stringify(object)).join('\n---\n'),
  });
}

async function get<T = Live>(namespace: string, kind: string, name: string): Promise<T> {
  const where = namespace === '' ? [] : ['-n', namespace];
  return JSON.parse(await cluster.kubectl(['get', kind, name, ...where, '-o', 'json'])) as T;
}

async function list(namespace: string, kind: string): Promise<readonly Live[]> {
  const where = namespace === '' ? [] : ['-n', namespace];
  return (JSON.parse(await cluster.kubectl(['get', kind, ...where, '-o', 'json'])) as { items: Live[] }).items;
}

async function names(namespace: string, kind: string): Promise<readonly string[]> {
  return (await list(namespace, kind)).map(({ metadata }) => metadata.name).toSorted();
}

function until(what: string, ask: () => Promise<boolean>, timeoutSeconds = 100): Promise<boolean> {
  return waitUntil(what, ask, { timeoutSeconds, everyMilliseconds: 300 }).catch(async (error: unknown) => {
    const objects = await cluster.kubectl(['get', 'papp,appbackup', '-A', '-o', 'yaml']).catch(String);
    const said = operator.output().slice(-3000);
    throw new Error(`${String(error)}\n${objects.slice(-8000)}\nThe operator said last:\n${said}`, { cause: error });
  });
}

async function untilReady(namespace: string, name: string, replicas: number): Promise<void> {
  await until(`${namespace}/${name} has ${replicas} ready members`, async () => {
    const { metadata, status } = await get(namespace, 'papp', name);
    return status?.observedGeneration === metadata.generation && status.readyReplicas === replicas;
  });
}

async function namespaceFor(name: string): Promise<string> {
  await cluster.kubectl(['create', 'namespace', name]);
  return name;
}

const VOLUME = { name: 'data', mountPath: '/data', size: '16Mi', pool: 'data' };

function app(namespace: string, name: string, spec: object = {}): object {
  const resources = { requests: { cpu: '100m', memory: '64Mi' } };
  const containers = [{ name: 'main', image: 'localhost/busybox:1', resources }];
  return {
    apiVersion: API,
    kind: 'PersistentApp',
    metadata: { name, namespace },
    spec: {
      replicas: 2,
      template: { spec: { terminationGracePeriodSeconds: 1, containers } },
      volumeClaims: [VOLUME],
      update: { minReadySeconds: 0 },
      ...spec,
    },
  };
}

function backup(namespace: string, name: string, spec: object): object {
  return { apiVersion: API, kind: 'AppBackup', metadata: { name, namespace }, spec };
}

/** The first bytes of a claim's volume, which nobody has mounted. */
async function image(namespace: string, claim: string): Promise<string> {
  const volume = await cluster.array?.volumeOfClaim(`${namespace}/${claim}`);
  if (volume === undefined) throw new Error(`the array has no volume of ${namespace}/${claim}`);
  return join(dirname(cluster.kubeconfigPath), 'array', 'images', `${volume.id}.img`);
}

async function write(namespace: string, claim: string, words: string): Promise<void> {
  const file = await open(await image(namespace, claim), 'r+');
  await file.write(words.padEnd(32), 4096);
  await file.close();
}

async function read(namespace: string, claim: string): Promise<string> {
  const file = await open(await image(namespace, claim), 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(32), 0, 32, 4096);
  await file.close();
  return buffer.subarray(0, bytesRead).toString().trim();
}

async function untilBackedUp(namespace: string, name: string): Promise<AppBackup> {
  let found: AppBackup | undefined;
  await until(`backup ${namespace}/${name} is ready`, async () => {
    found = await get<AppBackup>(namespace, 'appbackup', name);
    return found.status?.readyToUse === true;
  });
  if (found === undefined) throw new Error('there is no backup');
  return found;
}

async function untilSays(namespace: string, kind: string, name: string, reason: string): Promise<string> {
  let message = '';
  await until(`${kind} ${namespace}/${name} says ${reason}`, async () => {
    const { status } = await get(namespace, kind, name);
    const found = status?.conditions?.find((condition) => condition.reason === reason);
    message = found?.message ?? '';
    return found !== undefined;
  });
  return message;
}

const groupClass = {
  apiVersion: 'groupsnapshot.storage.k8s.io/v1',
  kind: 'VolumeGroupSnapshotClass',
  metadata: { name: 'kept' },
  driver: 'array.proffer.dev',
  deletionPolicy: 'Retain',
};

describe('a backup', () => {
  const namespace = 'backup';

  test('of an app is a snapshot of each of its volumes', async () => {
    await namespaceFor(namespace);
    await apply(app(namespace, 'db'));
    await untilReady(namespace, 'db', 2);
    await write(namespace, 'data-db-0', 'zero on monday');
    await write(namespace, 'data-db-1', 'one on monday');
    await apply(backup(namespace, 'monday', { app: 'db' }));
    const { status } = await untilBackedUp(namespace, 'monday');
    expect(status).toMatchObject({ consistency: 'Crash', progress: '2/2', size: '32Mi' });
    expect(status?.volumes.map(({ claim, member, readyToUse, size }) => [claim, member, readyToUse, size])).toEqual([
      ['data-db-0', 'db-0', true, '16Mi'],
      ['data-db-1', 'db-1', true, '16Mi'],
    ]);
    expect(await names(namespace, 'volumesnapshot')).toEqual(
      status?.volumes.map(({ snapshot }) => snapshot).toSorted(),
    );
    await write(namespace, 'data-db-0', 'zero on tuesday');
  }, 240_000);

  test('of members with several volumes is of one moment of each, and a member is made again from it', async () => {
    const volumeClaims = [VOLUME, { ...VOLUME, name: 'wal', mountPath: '/wal' }];
    // The pool's snapshots are kept when their backup goes, and so must be those of its groups.
    await apply(groupClass, app(namespace, 'pair', { replicas: 1, volumeClaims }));
    await untilReady(namespace, 'pair', 1);
    await write(namespace, 'data-pair-0', 'table');
    await write(namespace, 'wal-pair-0', 'log');
    await apply(backup(namespace, 'both', { app: 'pair' }));
    const { status } = await untilBackedUp(namespace, 'both');
    expect(status).toMatchObject({ consistency: 'Group', progress: '1/1', size: '32Mi' });
    const [group] = await names(namespace, 'volumegroupsnapshot');
    expect(status?.volumes.map((volume) => [volume.claim, volume.group, volume.snapshotClassName])).toEqual([
      ['data-pair-0', group, 'kept'],
      ['wal-pair-0', group, 'kept'],
    ]);
    const filled = volumeClaims.map((volume) => ({ ...volume, dataSourceRef: { kind: 'AppBackup', name: 'both' } }));
    await apply(app(namespace, 'pair-again', { replicas: 1, volumeClaims: filled }));
    await untilReady(namespace, 'pair-again', 1);
    expect(await read(namespace, 'data-pair-again-0')).toBe('table');
    expect(await read(namespace, 'wal-pair-again-0')).toBe('log');
    await cluster.kubectl(['delete', 'appbackup', 'both', '-n', namespace]);
    const taken = status?.volumes.map(({ snapshot }) => snapshot) ?? [];
    await until('the group and its snapshots are gone', async () => {
      const left = [...(await names(namespace, 'volumesnapshot')), ...(await names(namespace, 'volumegroupsnapshot'))];
      return !left.some((name) => name === group || taken.includes(name));
    });
    expect((await list('', 'volumegroupsnapshotcontent')).map(({ spec }) => spec['deletionPolicy'])).toEqual([
      'Retain',
    ]);
  }, 240_000);

  test('with a class of another driver is refused with both names', async () => {
    await apply(
      {
        apiVersion: 'snapshot.storage.k8s.io/v1',
        kind: 'VolumeSnapshotClass',
        metadata: { name: 'other' },
        driver: 'csi.example.com',
        deletionPolicy: 'Retain',
      },
      backup(namespace, 'wrong', { app: 'db', snapshotClassName: 'other' }),
    );
    const message = await untilSays(namespace, 'appbackup', 'wrong', 'SnapshotClassOfOtherDriver');
    expect(message).toContain('csi.example.com');
    expect(message).toContain('array.proffer.dev');
  }, 240_000);

  test('that is deleted takes its VolumeSnapshots along, and what is on the storage stays where the class says Retain', async () => {
    await apply(backup(namespace, 'brief', { app: 'db', member: 'db-1' }));
    const { status } = await untilBackedUp(namespace, 'brief');
    const [volume] = status?.volumes ?? [];
    const snapshot = await get<{ status: { boundVolumeSnapshotContentName: string } }>(
      namespace,
      'volumesnapshot',
      volume?.snapshot ?? '',
    );
    await cluster.kubectl(['delete', 'appbackup', 'brief', '-n', namespace]);
    await until(
      'its snapshot is gone',
      async () => !(await names(namespace, 'volumesnapshot')).includes(volume?.snapshot ?? ''),
    );
    const content = await get('', 'volumesnapshotcontent', snapshot.status.boundVolumeSnapshotContentName);
    expect(content.spec['deletionPolicy']).toBe('Retain');
  }, 240_000);
});

const from = (source: object, size = '16Mi') => [{ ...VOLUME, size, dataSourceRef: source }];

describe('an app that is made from a backup', () => {
  const namespace = 'backup';

  test('has the content of the moment of the backup in each member, and the source goes on', async () => {
    await apply(app(namespace, 'copy', { volumeClaims: from({ kind: 'AppBackup', name: 'monday' }, '32Mi') }));
    await untilReady(namespace, 'copy', 2);
    expect(await read(namespace, 'data-copy-0')).toBe('zero on monday');
    expect(await read(namespace, 'data-copy-1')).toBe('one on monday');
    expect(await read(namespace, 'data-db-0')).toBe('zero on tuesday');
    const { metadata } = await get(namespace, 'pvc', 'data-copy-1');
    expect(metadata.annotations?.['proffer.dev/filled-from']).toBe('AppBackup/monday');
  }, 240_000);

  test('is a clone when it names an app instead', async () => {
    const volumeClaims = from({ apiGroup: 'proffer.dev', kind: 'PersistentApp', name: 'db' });
    await apply(app(namespace, 'clone', { replicas: 1, volumeClaims }));
    await untilReady(namespace, 'clone', 1);
    expect(await read(namespace, 'data-clone-0')).toBe('zero on tuesday');
  }, 240_000);

  test('does not start where it does not fit, and says why with numbers; no claim is made', async () => {
    const monday = { kind: 'AppBackup', name: 'monday' };
    await apply(
      app(namespace, 'small', { volumeClaims: from(monday, '8Mi') }),
      app(namespace, 'many', { replicas: 3, volumeClaims: from(monday) }),
      app(namespace, 'other', { volumeClaims: [{ ...VOLUME, name: 'wal', dataSourceRef: monday }] }),
      app(namespace, 'never', { volumeClaims: from({ kind: 'AppBackup', name: 'sunday' }) }),
    );
    expect(await untilSays(namespace, 'papp', 'small', 'DataSourceTooLarge')).toContain('8Mi');
    expect(await untilSays(namespace, 'papp', 'many', 'BackupUnfit')).toContain('2 members');
    expect(await untilSays(namespace, 'papp', 'other', 'BackupUnfit')).toContain('no volume wal');
    expect(await untilSays(namespace, 'papp', 'never', 'BackupNotFound')).toContain('"sunday"');
    const made = (await names(namespace, 'pvc')).filter((name) => /-(small|many|other|never)-/.test(name));
    expect(made).toEqual([]);
  }, 240_000);
});

describe('volumes go where their app says so, and nowhere else', () => {
  const namespace = 'fate';

  test('with SnapshotThenDelete a member that is scaled in leaves a backup, from which it can be made again', async () => {
    await namespaceFor(namespace);
    const retention = { whenScaled: 'SnapshotThenDelete', whenDeleted: 'Delete', reuse: 'Wipe' };
    await apply(app(namespace, 'db', { retention }), app(namespace, 'kept'));
    await untilReady(namespace, 'db', 2);
    await untilReady(namespace, 'kept', 2);
    await write(namespace, 'data-db-1', 'one at last');
    await cluster.kubectl(['scale', 'papp', 'db', '-n', namespace, '--replicas=1']);
    await until('the claim is gone', async () => !(await names(namespace, 'pvc')).includes('data-db-1'));
    const [last] = await list(namespace, 'appbackup');
    expect(last?.spec).toEqual({ app: 'db', member: 'db-1' });
    const source = { kind: 'AppBackup', name: last?.metadata.name };
    await apply(app(namespace, 'again', { replicas: 1, volumeClaims: [{ ...VOLUME, dataSourceRef: source }] }));
    await untilReady(namespace, 'again', 1);
    expect(await read(namespace, 'data-again-0')).toBe('one at last');
  }, 240_000);

  test('with Delete a deleted app takes its own along, after its pods; those of others stay', async () => {
    await cluster.kubectl(['delete', 'papp', 'db', 'kept', '-n', namespace, '--wait=false']);
    await until('both apps are gone', async () => {
      const apps = await names(namespace, 'papp');
      return !apps.includes('db') && !apps.includes('kept');
    });
    await until('the claim is gone', async () => !(await names(namespace, 'pvc')).includes('data-db-0'));
    expect(await names(namespace, 'pvc')).toEqual(['data-again-0', 'data-kept-0', 'data-kept-1']);
    expect(await names(namespace, 'appbackup')).toHaveLength(1);
  }, 240_000);

  test('with Wipe an app of the same name starts on new volumes', async () => {
    const { metadata } = await get(namespace, 'pvc', 'data-kept-0');
    await apply(app(namespace, 'kept', { retention: { reuse: 'Wipe' } }));
    await untilReady(namespace, 'kept', 2);
    expect((await get(namespace, 'pvc', 'data-kept-0')).metadata.uid).not.toBe(metadata.uid);
  }, 240_000);
});
