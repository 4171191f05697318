// Storage pools against a real API server that has the snapshot kinds: every example becomes its classes, hands that edit a class are told and
// not undone, and a class outlives its pool. The drivers themselves are not there; the presets are tested in src/core/pools.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import type { StoragePoolSpec, StoragePoolStatus } from '../../src/api/storage-pool.ts';
import { SNAPSHOT_CRDS } from '../cluster/array/snapshot-crds.ts';
import { buildTools } from '../cluster/build-tools.ts';
import { startCluster } from '../cluster/embedded.ts';
import { untilEstablished } from '../cluster/established.ts';
import type { TestCluster } from '../cluster/test-cluster.ts';
import { waitUntil } from '../cluster/wait-until.ts';
import { NAMESPACE, installProduct } from '../support/install-product.ts';
import { startProgram, type Program } from '../support/program.ts';

interface Example {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: StoragePoolSpec;
}

const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples', 'pools');
const SNAPSHOT_KIND = 'volumesnapshotclasses.snapshot.storage.k8s.io';

let cluster: TestCluster;
let operator: Program;

beforeAll(async () => {
  cluster = await startCluster({ realNodes: 0, fakeNodes: false, defaultScheduler: false });
  await Promise.all([installProduct(cluster), installSnapshotKinds()]);
  const kubeconfig = await cluster.serviceAccountKubeconfig(NAMESPACE, 'proffer-operator');
  const flags = ['--kubeconfig', kubeconfig, '--namespace', NAMESPACE, '--identity', 'one', '--http-port', '0'];
  operator = startProgram(['operator', ...flags]);
}, 1_200_000);

afterAll(async () => {
  await operator?.kill('SIGTERM');
  await cluster?.down();
}, 240_000);

/** Just the kinds: no volume is made here, and so no copy of one. */
async function installSnapshotKinds(): Promise<void> {
  const [folder = ''] = await buildTools(['snapshots'], (line) => console.log(line));
  const files = Object.values(SNAPSHOT_CRDS).map(({ path }) => join(folder, 'share', basename(path)));
  await cluster.kubectl(['apply', '--server-side', ...files.map((file) => `--filename=${file}`)]);
  await untilEstablished((args) => cluster.kubectl(args), [SNAPSHOT_KIND]);
}

async function apply(object: object): Promise<void> {
  await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input: JSON.stringify(object) });
}

const pool = (name: string, spec: object) => ({
  apiVersion: 'proffer.dev/v1alpha1',
  kind: 'StoragePool',
  metadata: { name },
  spec,
});

async function read<T>(kind: string, name: string): Promise<T> {
  return JSON.parse(await cluster.kubectl(['get', kind, name, '-o', 'json'])) as T;
}

async function until(name: string, isSo: (status: StoragePoolStatus) => boolean): Promise<StoragePoolStatus> {
  let last: StoragePoolStatus | undefined;
  await waitUntil(
    `pool ${name} says so`,
    async () => {
      operator.expectAlive();
      last = (await read<{ status?: StoragePoolStatus }>('storagepool', name)).status;
      return last !== undefined && isSo(last);
    },
    { timeoutSeconds: 100 },
  );
  if (last === undefined) throw new Error(`pool ${name} has no status`);
  return last;
}

const reasonOf = ({ conditions }: StoragePoolStatus, type: string) =>
  conditions.find((condition) => condition.type === type)?.reason;

describe('every example', () => {
  test('is accepted, and becomes its classes', async () => {
    for (const file of (await readdir(EXAMPLES)).toSorted()) {
      const example = parse(await readFile(join(EXAMPLES, file), 'utf8')) as Example;
      const name = `example-${file.replace('.yaml', '')}`;
      await apply({ ...example, metadata: { name } });
      if (example.spec.provider === undefined) {
        const status = await until(name, ({ conditions }) => conditions.length > 0);
        expect([file, reasonOf(status, 'Ready')]).toEqual([file, 'StorageClassNotFound']);
        continue;
      }
      const status = await until(name, ({ storageClassName }) => storageClassName === name);
      expect(await read('storageclass', name)).toMatchObject({
        provisioner: status.driver,
        volumeBindingMode: 'WaitForFirstConsumer',
        reclaimPolicy: 'Retain',
      });
      if (!(example.spec.snapshots?.enabled ?? false)) continue;
      expect([file, status.snapshotClassName]).toEqual([file, name]);
      expect(await read('volumesnapshotclass', name)).toMatchObject({
        driver: status.driver,
        deletionPolicy: 'Retain',
      });
    }
  }, 240_000);
});

async function editByHand(allowVolumeExpansion: boolean): Promise<void> {
  await cluster.kubectl(['patch', 'sc', 'edited', '--type=merge', '-p', JSON.stringify({ allowVolumeExpansion })]);
}

describe('a class that somebody edits by hand', () => {
  test('stays as it is, and the pool tells both values until it is set back', async () => {
    await apply(pool('edited', { provider: 'longhorn' }));
    await until('edited', ({ storageClassName }) => storageClassName === 'edited');
    await editByHand(false);
    const { conditions } = await until('edited', (status) => reasonOf(status, 'Ready') === 'ClassEdited');
    expect(conditions[0]?.message).toContain('allowVolumeExpansion is false and the pool says true');
    expect(await read('sc', 'edited')).toMatchObject({ allowVolumeExpansion: false });
    await editByHand(true);
    await until('edited', (status) => reasonOf(status, 'Ready') === 'Ready');
  }, 240_000);

  test('and makes anew with other parameters is told with both values', async () => {
    await apply(pool('anew', { provider: 'longhorn', replicas: 3 }));
    await until('anew', ({ storageClassName }) => storageClassName === 'anew');
    const made = await read<{ parameters: object }>('sc', 'anew');
    const other = { ...made, parameters: { numberOfReplicas: '1' } };
    await cluster.kubectl(['replace', '--force', '-f', '-'], { input: JSON.stringify(other) });
    const { conditions } = await until('anew', (status) => reasonOf(status, 'Ready') === 'ClassCannotChange');
    expect(conditions[0]?.message).toContain('parameters.numberOfReplicas is "1" and the pool says "3"');
  }, 240_000);
});

test('a class outlives its pool, and a pool of the same name takes it back', async () => {
  const kept = pool('kept', { provider: 'longhorn' });
  await apply(kept);
  await until('kept', ({ storageClassName }) => storageClassName === 'kept');
  const { metadata } = await read<{ metadata: { uid: string; ownerReferences?: unknown } }>('sc', 'kept');
  expect(metadata.ownerReferences).toBeUndefined();
  await cluster.kubectl(['delete', 'storagepool', 'kept']);
  await apply(kept);
  await until('kept', (status) => reasonOf(status, 'Ready') === 'Ready');
  expect((await read<{ metadata: { uid: string } }>('sc', 'kept')).metadata.uid).toBe(metadata.uid);
}, 240_000);

test('a snapshot class of another driver is not used', async () => {
  await apply({
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotClass',
    metadata: { name: 'other' },
    driver: 'csi.example.com',
    deletionPolicy: 'Delete',
  });
  await apply(pool('mismatch', { provider: 'longhorn', snapshots: { snapshotClassName: 'other' } }));
  const status = await until('mismatch', ({ conditions }) => conditions.length > 1);
  expect([reasonOf(status, 'SnapshotsReady'), status.snapshotClassName]).toEqual(['SnapshotClassOfOtherDriver', '']);
}, 240_000);

test('a cluster without the snapshot kinds is told so, and volumes are made all the same', async () => {
  await cluster.kubectl(['delete', 'crd', SNAPSHOT_KIND]);
  await apply(pool('without', { provider: 'longhorn', snapshots: { enabled: true } }));
  const status = await until('without', ({ conditions }) => conditions.length > 1);
  expect(reasonOf(status, 'SnapshotsReady')).toBe('SnapshotKindsMissing');
  expect([reasonOf(status, 'Ready'), status.storageClassName]).toEqual(['Ready', 'without']);
}, 240_000);
