import { describe, expect, test } from '@jest/globals';
import { parseStoragePool } from '../api/parse.ts';
import type { StoragePool, StoragePoolStatus } from '../api/storage-pool.ts';
import type { KubeObject } from '../core/app/plan.ts';
import { readStorageClass } from '../core/facts/read-storage-class.ts';
import { KubeError } from '../kube/errors.ts';
import type { ResourceType } from '../kube/resource-type.ts';
import { Store } from '../kube/store.ts';
import { PoolController, type PoolControllerOptions } from './pool-controller.ts';

const EBS = { provider: 'aws-ebs', type: 'gp3' };
const SNAPSHOTS = { ...EBS, snapshots: { enabled: true } };

function pool(spec: object, metadata: object = {}, status?: object): StoragePool {
  return parseStoragePool({
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'StoragePool',
    metadata: { name: 'fast', uid: 'p1', generation: 1, ...metadata },
    spec,
    status,
  });
}

/** A class as somebody's hands make it. */
function made(
  kind: 'StorageClass' | 'VolumeSnapshotClass',
  name: string,
  fields: object,
  metadata: object = {},
): KubeObject {
  const apiVersion = kind === 'StorageClass' ? 'storage.k8s.io/v1' : 'snapshot.storage.k8s.io/v1';
  return { apiVersion, kind, metadata: { name, uid: `uid-${name}`, ...metadata }, ...fields };
}

/** An API server that holds classes, lets `others` own fields, and answers a controller. */
function world(
  spec: object,
  live: readonly KubeObject[] = [],
  { servesSnapshots = true, others = [] as string[] } = {},
) {
  const objects = new Map(live.map((object) => [`${object.kind} ${object.metadata.name}`, object]));
  const applied: KubeObject[] = [];
  let now = 1000;
  let status: StoragePoolStatus | undefined;
  const stores = {
    pools: new Store<StoragePool>(),
    storageClasses: new Store<ReturnType<typeof readStorageClass>>(),
    claims: new Store(),
    capacities: new Store(),
    volumes: new Store(),
    drivers: new Store(),
    csiNodes: new Store(),
    attachments: new Store(),
  };
  const show = (object: KubeObject) => {
    objects.set(`${object.kind} ${object.metadata.name}`, object);
    if (object.kind === 'StorageClass') stores.storageClasses.set(object.metadata.name, readStorageClass(object));
  };
  live.forEach(show);
  const options = {
    stores,
    view: { nodes: () => [], node: () => undefined, slotsOn: () => [] },
    writer: {
      get: async (type: ResourceType, _namespace: unknown, name: string) => objects.get(`${type.kind} ${name}`),
      apply: async (object: KubeObject) => {
        const before = objects.get(`${object.kind} ${object.metadata.name}`);
        const taken = others.filter((field) => before !== undefined && before[field] !== object[field]);
        if (taken.length > 0) {
          const causes = taken.map((field) => ({
            reason: 'FieldManagerConflict',
            message: 'conflict with "kubectl-edit"',
            field: `.${field}`,
          }));
          const details = { name: undefined, kind: undefined, causes };
          throw new KubeError({ status: 409, reason: 'Conflict', message: 'conflict', details });
        }
        const written = { ...object, metadata: { uid: 'made', ...object.metadata } };
        applied.push(written);
        show(written);
        return written;
      },
    },
    statuses: { write: async (_object: unknown, next: StoragePoolStatus) => void (status = next) },
    serves: async () => servesSnapshots,
    now: () => now,
  } as unknown as PoolControllerOptions;
  const controller = new PoolController(options);
  const set = (next: StoragePool | undefined) =>
    next === undefined ? stores.pools.delete('fast') : stores.pools.set('fast', next);
  set(pool(spec));
  const pass = async () => {
    const result = await controller.reconcile('fast');
    const conditions = Object.fromEntries((status?.conditions ?? []).map((item) => [item.type, item]));
    return { result, status, conditions, applied: applied.splice(0) };
  };
  return { pass, set, show, objects, stores, wait: (seconds: number) => void (now += seconds) };
}

describe('the class of a pool', () => {
  test('is made with what the preset says, and outlives the pool, having no owner', async () => {
    const { pass, set, objects } = world(EBS);
    const first = await pass();
    expect(first.applied).toEqual([
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: {
          name: 'fast',
          uid: 'made',
          labels: { 'app.kubernetes.io/managed-by': 'proffer' },
          annotations: { 'proffer.dev/pool': 'fast' },
        },
        provisioner: 'ebs.csi.aws.com',
        parameters: { type: 'gp3' },
        reclaimPolicy: 'Retain',
        allowVolumeExpansion: true,
        volumeBindingMode: 'WaitForFirstConsumer',
      },
    ]);
    expect(first.status).toMatchObject({
      storageClassName: 'fast',
      driver: 'ebs.csi.aws.com',
      locality: 'Zone',
      fencing: 'AttachExclusive',
      features: ['Snapshots', 'Expansion', 'VolumeAttributesClass'],
      conditions: [{ type: 'Ready', status: 'True' }],
    });
    expect((await pass()).applied).toEqual([]);
    set(undefined);
    expect((await pass()).applied).toEqual([]);
    expect(objects.has('StorageClass fast')).toBe(true);
  });

  test('is taken back by a pool of the same name', async () => {
    const { pass, set } = world(EBS);
    await pass();
    set(undefined);
    await pass();
    set(pool(EBS, { uid: 'p2' }));
    const { conditions, applied, status } = await pass();
    expect([applied, status?.storageClassName, conditions['Ready']?.reason]).toEqual([[], 'fast', 'Ready']);
  });

  test('is not made of what the driver would refuse', async () => {
    const { pass } = world({ ...EBS, replicas: 3 });
    const { applied, status, conditions } = await pass();
    expect(applied).toEqual([]);
    expect(status).toMatchObject({ storageClassName: '', fencing: 'None' });
    expect(conditions['Ready']).toMatchObject({
      status: 'False',
      reason: 'InvalidParameters',
      message: 'spec.replicas: aws-ebs has no such setting; remove it: EBS replicates inside its zone by itself',
    });
  });

  test('of somebody else is left alone', async () => {
    const { pass } = world(EBS, [made('StorageClass', 'fast', { provisioner: 'ebs.csi.aws.com' })]);
    const { applied, status, conditions } = await pass();
    expect([applied, status?.storageClassName, status?.fencing]).toEqual([[], '', 'None']);
    expect(conditions['Ready']).toMatchObject({ status: 'False', reason: 'ForeignObject' });
  });

  test('with other parameters stays, and both values are told', async () => {
    const { pass, show, objects } = world(EBS);
    await pass();
    const live = objects.get('StorageClass fast');
    show({ ...(live as KubeObject), parameters: { type: 'gp2', iops: '9' }, reclaimPolicy: 'Delete' });
    const { applied, status, conditions } = await pass();
    expect([applied, status?.storageClassName, status?.fencing]).toEqual([[], 'fast', 'None']);
    expect(conditions['Ready']).toMatchObject({ status: 'False', reason: 'ClassCannotChange' });
    expect(conditions['Degraded']).toMatchObject({ status: 'True', reason: 'FencingNotProven' });
    expect(conditions['Ready']?.message).toContain(
      'parameters.iops is "9" and the pool says (nothing); parameters.type is "gp2" and the pool says "gp3"; reclaimPolicy is "Delete" and the pool says "Retain"',
    );
  });

  test('that somebody edited by hand stays so, and who and what is told; once set back all is well', async () => {
    const others: string[] = [];
    const { pass, show, objects } = world(EBS, [], { others });
    await pass();
    const live = objects.get('StorageClass fast') as KubeObject;
    show({ ...live, allowVolumeExpansion: false });
    others.push('allowVolumeExpansion');
    const { applied, status, conditions } = await pass();
    expect([applied, status?.storageClassName]).toEqual([[], 'fast']);
    expect(conditions['Ready']).toMatchObject({
      status: 'False',
      reason: 'ClassEdited',
      message:
        'StorageClass "fast" was changed by somebody else (conflict with "kubectl-edit"): allowVolumeExpansion is false and the pool says true; it stays as it is: set it back, or make the pool say the same',
    });
    show(live);
    expect((await pass()).conditions['Ready']).toMatchObject({ status: 'True' });
  });

  test('of an earlier version, which its pool owned, loses its owner', async () => {
    const owner = {
      apiVersion: 'proffer.dev/v1alpha1',
      kind: 'StoragePool',
      name: 'fast',
      uid: 'p1',
      controller: true,
    };
    const fields = {
      provisioner: 'ebs.csi.aws.com',
      parameters: { type: 'gp3' },
      reclaimPolicy: 'Retain',
      allowVolumeExpansion: true,
      volumeBindingMode: 'WaitForFirstConsumer',
    };
    const { pass } = world(EBS, [made('StorageClass', 'fast', fields, { ownerReferences: [owner] })]);
    const { applied } = await pass();
    expect(applied.map(({ metadata }) => [metadata.uid, metadata['ownerReferences']])).toEqual([
      ['uid-fast', undefined],
    ]);
  });

  test('which is another one by name is used as it is', async () => {
    const { pass } = world({ storageClassName: 'rook', fencing: 'AttachExclusive' }, [
      made('StorageClass', 'rook', {
        provisioner: 'rook-ceph.rbd.csi.ceph.com',
        volumeBindingMode: 'WaitForFirstConsumer',
      }),
    ]);
    const { applied, status, conditions } = await pass();
    expect(applied).toEqual([]);
    expect(status).toMatchObject({ storageClassName: 'rook', driver: 'rook-ceph.rbd.csi.ceph.com', fencing: 'None' });
    expect(conditions['Degraded']).toMatchObject({ status: 'True', reason: 'FencingNotProven' });
  });
});

function attached(nodeName: string) {
  return { name: nodeName, nodeName, volumeName: 'pv-1', attached: true };
}

describe('a pool whose driver attaches a volume to two nodes at once', () => {
  test('is not trusted any more, until somebody changes it', async () => {
    const { pass, set, stores } = world(EBS);
    await pass();
    stores.volumes.set('pv-1', { name: 'pv-1', storageClassName: 'fast' });
    stores.attachments.set('a', attached('n1'));
    expect((await pass()).status?.fencing).toBe('AttachExclusive');
    stores.attachments.set('b', attached('n2'));
    const found = await pass();
    expect(found.status?.fencing).toBe('None');
    expect(found.conditions['Degraded']).toMatchObject({ status: 'True', reason: 'SecondAttach' });
    expect(found.conditions['Degraded']?.message).toContain('volume pv-1 was attached to n1 and n2 at once');
    // It is over, and nobody has mended anything.
    stores.attachments.delete('a');
    set(pool(EBS, {}, found.status));
    expect((await pass()).status).toEqual(found.status);
    set(pool(EBS, { generation: 2 }, found.status));
    expect((await pass()).status?.fencing).toBe('AttachExclusive');
  });
});

describe('the snapshot class of a pool', () => {
  test('is made when the cluster has the kind', async () => {
    const { pass } = world(SNAPSHOTS);
    const { applied, status, conditions, result } = await pass();
    expect(applied[1]).toMatchObject({
      kind: 'VolumeSnapshotClass',
      metadata: { name: 'fast', annotations: { 'proffer.dev/pool': 'fast' } },
      driver: 'ebs.csi.aws.com',
      deletionPolicy: 'Retain',
      parameters: {},
    });
    expect(status?.snapshotClassName).toBe('fast');
    expect(conditions['SnapshotsReady']).toMatchObject({ status: 'True' });
    expect(result).toEqual({ wakeAfterSeconds: 60 });
  });

  test('is waited for while the cluster lacks the kind, and looked for again', async () => {
    const { pass } = world(SNAPSHOTS, [], { servesSnapshots: false });
    const { applied, status, conditions, result } = await pass();
    expect(applied.map(({ kind }) => kind)).toEqual(['StorageClass']);
    expect([status?.snapshotClassName, result.wakeAfterSeconds]).toEqual(['', 60]);
    expect(conditions['Ready']).toMatchObject({ status: 'True' });
    expect(conditions['SnapshotsReady']).toMatchObject({ status: 'False', reason: 'SnapshotKindsMissing' });
  });

  test.each<[string, KubeObject[], string, string]>([
    [
      'of another driver',
      [made('VolumeSnapshotClass', 'snap', { driver: 'csi.example.com' })],
      'SnapshotClassOfOtherDriver',
      "is of driver csi.example.com, and the pool's volumes are of driver ebs.csi.aws.com",
    ],
    ['that does not exist', [], 'SnapshotClassNotFound', 'there is no VolumeSnapshotClass "snap"'],
  ])('%s is not used', async (_, live, reason, message) => {
    const { pass } = world({ ...EBS, snapshots: { snapshotClassName: 'snap' } }, live);
    const { status, conditions } = await pass();
    expect(status?.snapshotClassName).toBe('');
    expect(conditions['SnapshotsReady']).toMatchObject({
      status: 'False',
      reason,
      message: expect.stringContaining(message),
    });
  });

  test('that exists and is of the driver is used as it is', async () => {
    const live = [made('VolumeSnapshotClass', 'snap', { driver: 'ebs.csi.aws.com', deletionPolicy: 'Delete' })];
    const { pass } = world({ ...EBS, snapshots: { snapshotClassName: 'snap' } }, live);
    const { applied, status } = await pass();
    expect([applied.map(({ kind }) => kind), status?.snapshotClassName]).toEqual([['StorageClass'], 'snap']);
  });

  test('of the same name and of somebody else is left alone', async () => {
    const { pass } = world(SNAPSHOTS, [made('VolumeSnapshotClass', 'fast', { driver: 'ebs.csi.aws.com' })]);
    const { status, conditions } = await pass();
    expect(status?.snapshotClassName).toBe('');
    expect(conditions['SnapshotsReady']).toMatchObject({ reason: 'ForeignObject' });
  });

  test('that somebody edited by hand stays so, and is looked at once a minute', async () => {
    const others: string[] = [];
    const { pass, show, objects, wait } = world(SNAPSHOTS, [], { others });
    await pass();
    show({ ...(objects.get('VolumeSnapshotClass fast') as KubeObject), deletionPolicy: 'Delete' });
    others.push('deletionPolicy');
    expect((await pass()).conditions['SnapshotsReady']).toMatchObject({ status: 'True' });
    wait(60);
    const { status, conditions } = await pass();
    expect(status?.snapshotClassName).toBe('fast');
    expect(conditions['SnapshotsReady']).toMatchObject({
      reason: 'ClassEdited',
      message: expect.stringContaining('deletionPolicy is "Delete" and the pool says "Retain"'),
    });
  });
});
