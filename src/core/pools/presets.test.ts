import { describe, expect, test } from '@jest/globals';
import {
  EXCLUSIVE_ATTACH_PROVIDERS,
  PROVIDERS,
  type StoragePoolSpec,
  type StoragePoolStatus,
} from '../../api/storage-pool.ts';
import { parseStoragePool } from '../../api/parse.ts';
import { fencingOf } from './fencing.ts';
import { localityOf } from './locality.ts';
import { poolClass, snapshotParameters } from './pool-class.ts';
import { PRESETS } from './presets.ts';

const CEPH = {
  clusterID: 'c1',
  pool: 'rbd',
  'csi.storage.k8s.io/provisioner-secret-name': 'csi-rbd',
  'csi.storage.k8s.io/provisioner-secret-namespace': 'ceph',
  'csi.storage.k8s.io/node-stage-secret-name': 'csi-rbd',
  'csi.storage.k8s.io/node-stage-secret-namespace': 'ceph',
};

const pool = (spec: object) =>
  parseStoragePool({ apiVersion: 'proffer.dev/v1alpha1', kind: 'StoragePool', metadata: { name: 'p' }, spec });

/** What a pool says, and what its StorageClass must say; the source of each name is in the doc comment of the preset. */
const MADE: readonly (readonly [Partial<StoragePoolSpec>, string, Record<string, string>])[] = [
  [{ provider: 'aws-ebs' }, 'ebs.csi.aws.com', {}],
  [
    { provider: 'aws-ebs', type: 'gp3', iops: 4000, throughput: 250, encrypted: true, fsType: 'xfs' },
    'ebs.csi.aws.com',
    { type: 'gp3', iops: '4000', throughput: '250', encrypted: 'true', 'csi.storage.k8s.io/fstype': 'xfs' },
  ],
  [{ provider: 'aws-ebs', type: 'io2', iops: 9000 }, 'ebs.csi.aws.com', { type: 'io2', iops: '9000' }],
  [
    { provider: 'aws-ebs', encrypted: true, parameters: { kmsKeyId: 'arn:k' } },
    'ebs.csi.aws.com',
    { encrypted: 'true', kmsKeyId: 'arn:k' },
  ],
  [
    { provider: 'gcp-pd', type: 'hyperdisk-balanced', iops: 7000, throughput: 250, fsType: 'ext4' },
    'pd.csi.storage.gke.io',
    {
      type: 'hyperdisk-balanced',
      'provisioned-iops-on-create': '7000',
      'provisioned-throughput-on-create': '250Mi',
      'csi.storage.k8s.io/fstype': 'ext4',
    },
  ],
  [
    { provider: 'gcp-pd', type: 'pd-ssd', replicas: 2 },
    'pd.csi.storage.gke.io',
    { type: 'pd-ssd', 'replication-type': 'regional-pd' },
  ],
  [{ provider: 'gcp-pd', replicas: 1 }, 'pd.csi.storage.gke.io', { 'replication-type': 'none' }],
  [
    { provider: 'azure-disk', type: 'PremiumV2_LRS', iops: 5000, throughput: 200, fsType: 'xfs' },
    'disk.csi.azure.com',
    {
      skuName: 'PremiumV2_LRS',
      DiskIOPSReadWrite: '5000',
      // 200 MiB are 209.7 million bytes.
      DiskMBpsReadWrite: '210',
      cachingMode: 'None',
      fsType: 'xfs',
    },
  ],
  [{ provider: 'azure-disk', type: 'Premium_ZRS' }, 'disk.csi.azure.com', { skuName: 'Premium_ZRS' }],
  [
    { provider: 'ceph-rbd', encrypted: true, fsType: 'ext4', parameters: CEPH },
    'rbd.csi.ceph.com',
    { ...CEPH, encrypted: 'true', 'csi.storage.k8s.io/fstype': 'ext4' },
  ],
  [
    { provider: 'ceph-rbd', driver: 'rook-ceph.rbd.csi.ceph.com', parameters: CEPH },
    'rook-ceph.rbd.csi.ceph.com',
    CEPH,
  ],
  [
    { provider: 'longhorn', replicas: 3, fsType: 'xfs', parameters: { diskSelector: 'ssd' } },
    'driver.longhorn.io',
    { numberOfReplicas: '3', fsType: 'xfs', diskSelector: 'ssd' },
  ],
  [
    { provider: 'openebs-lvm', fsType: 'btrfs', parameters: { volgroup: 'vg' } },
    'local.csi.openebs.io',
    { storage: 'lvm', volgroup: 'vg', fsType: 'btrfs' },
  ],
  [
    { provider: 'topolvm', type: 'ssd', fsType: 'xfs' },
    'topolvm.io',
    { 'topolvm.io/device-class': 'ssd', 'csi.storage.k8s.io/fstype': 'xfs' },
  ],
  [
    { provider: 'topolvm', type: 'ssd', driver: 'topolvm.cybozu.com' },
    'topolvm.cybozu.com',
    { 'topolvm.cybozu.com/device-class': 'ssd' },
  ],
  [
    {
      provider: 'linstor',
      replicas: 2,
      fsType: 'xfs',
      parameters: { 'linstor.csi.linbit.com/storagePool': 'lvm-thin' },
    },
    'linstor.csi.linbit.com',
    {
      'linstor.csi.linbit.com/placementCount': '2',
      'linstor.csi.linbit.com/storagePool': 'lvm-thin',
      'csi.storage.k8s.io/fstype': 'xfs',
    },
  ],
  [
    { provider: 'custom', custom: { provisioner: 'csi.example.com', parameters: { tier: 'a' } }, fsType: 'xfs' },
    'csi.example.com',
    { tier: 'a', 'csi.storage.k8s.io/fstype': 'xfs' },
  ],
];

test.each(MADE)('a pool %j makes a class of driver %s', (spec, provisioner, parameters) => {
  expect(poolClass(pool(spec).spec)).toEqual({ provisioner, parameters, problems: [] });
});

test('every provider has a class in this table', () => {
  expect(new Set(MADE.map(([{ provider }]) => provider))).toEqual(new Set(PROVIDERS));
});

test('a pool over a class that exists makes none', () => {
  expect(poolClass(pool({ storageClassName: 'gp3' }).spec)).toBeUndefined();
});

describe('a class is not made', () => {
  test.each<[string, object, string]>([
    [
      'for copies of a provider that has no such setting',
      { provider: 'aws-ebs', replicas: 2 },
      'spec.replicas: aws-ebs has no such setting; remove it',
    ],
    ['for a speed of a local disk', { provider: 'topolvm', iops: 3000 }, 'spec.iops: topolvm has no such setting'],
    ['with a hint where there is another way', { provider: 'azure-disk', encrypted: true }, 'diskEncryptionSetID'],
    ['for encryption that needs a layer', { provider: 'linstor', encrypted: true }, 'linstor.csi.linbit.com/layerList'],
    [
      'for a disk type that the driver does not have',
      { provider: 'aws-ebs', type: 'gp33' },
      'spec.type is gp33, and the driver takes io1, io2, gp2, gp3',
    ],
    [
      'for a speed that the disk type cannot have',
      { provider: 'aws-ebs', type: 'gp2', iops: 3000 },
      'spec.iops is for disks of type gp3, io1, io2, and spec.type is gp2',
    ],
    [
      'for a throughput of io2',
      { provider: 'aws-ebs', type: 'io2', throughput: 250 },
      'spec.throughput is for disks of type gp3, and spec.type is io2',
    ],
    [
      'for iops said in two ways',
      { provider: 'aws-ebs', iops: 3000, parameters: { iopsPerGB: '50' } },
      'parameter iopsPerGB is "50": the driver takes one of them',
    ],
    [
      'for a key of a disk that is not encrypted',
      { provider: 'aws-ebs', encrypted: false, parameters: { kmsKeyId: 'k' } },
      'spec.encrypted is false and parameter kmsKeyId names a key',
    ],
    [
      'for a speed of pd-ssd',
      { provider: 'gcp-pd', type: 'pd-ssd', iops: 3000, throughput: 100 },
      'spec.iops and spec.throughput: disks of type pd-ssd cannot be given a speed',
    ],
    [
      'for a speed without a type',
      { provider: 'gcp-pd', iops: 3000 },
      'pd-standard (what the driver takes when spec.type is not set)',
    ],
    [
      'for three copies in two zones',
      { provider: 'gcp-pd', replicas: 3 },
      'spec.replicas is 3, and the driver takes 1, 2',
    ],
    [
      'for a speed of an Azure disk without a type',
      { provider: 'azure-disk', iops: 3000 },
      'spec.type is not set: remove spec.iops, or use such a type',
    ],
    [
      'for a cache of an uncached disk',
      { provider: 'azure-disk', type: 'UltraSSD_LRS', parameters: { cachingMode: 'ReadOnly' } },
      'such disks are not cached',
    ],
    [
      'for a file system that the driver does not make',
      { provider: 'aws-ebs', fsType: 'btrfs' },
      'spec.fsType is btrfs, and aws-ebs makes ext4, xfs',
    ],
    [
      'for a Ceph pool without its cluster',
      { provider: 'ceph-rbd', parameters: { ...CEPH, clusterID: undefined } },
      'spec.parameters lacks clusterID',
    ],
    ['for LVM without a volume group', { provider: 'openebs-lvm' }, 'spec.parameters lacks volgroup or vgpattern'],
    [
      'for Longhorn encryption without a secret',
      { provider: 'longhorn', encrypted: true },
      'csi.storage.k8s.io/node-stage-secret-name and csi.storage.k8s.io/node-publish-secret-name',
    ],
    [
      'for a field and a parameter that say two things',
      { provider: 'aws-ebs', type: 'gp3', parameters: { type: 'gp2' } },
      'spec.parameters has type "gp2" and the pool\'s own field says "gp3"',
    ],
    [
      'for a driver of somebody else',
      { provider: 'topolvm', driver: 'ebs.csi.aws.com' },
      'not a name of the topolvm driver (topolvm.io)',
    ],
    [
      'for two file systems',
      {
        provider: 'custom',
        fsType: 'xfs',
        custom: { provisioner: 'a.b', parameters: { 'csi.storage.k8s.io/fstype': 'ext4' } },
      },
      'spec.fsType is xfs and custom.parameters csi.storage.k8s.io/fstype is "ext4"',
    ],
  ])('%s', (_, spec, problem) => {
    // Undefined entries of a test's map are absent ones.
    const { problems } = poolClass(pool(JSON.parse(JSON.stringify(spec)) as object).spec) ?? { problems: [] };
    expect(problems).toEqual([expect.stringContaining(problem)]);
  });
});

describe('a snapshot class', () => {
  test.each([
    [{ provider: 'aws-ebs' }, {}],
    [{ provider: 'longhorn' }, { type: 'snap' }],
    [{ provider: 'longhorn', snapshots: { enabled: true, parameters: { type: 'bak' } } }, { type: 'bak' }],
    [
      { provider: 'ceph-rbd', parameters: CEPH },
      {
        clusterID: 'c1',
        'csi.storage.k8s.io/snapshotter-secret-name': 'csi-rbd',
        'csi.storage.k8s.io/snapshotter-secret-namespace': 'ceph',
      },
    ],
  ])('of %j has the parameters %j', (spec, parameters) => {
    expect(snapshotParameters(pool(spec).spec)).toEqual(parameters);
  });
});

describe('from where a volume can be reached', () => {
  test.each([
    [{ provider: 'aws-ebs' }, 'Zone'],
    [{ provider: 'ceph-rbd', parameters: CEPH }, 'Cluster'],
    [{ provider: 'longhorn' }, 'Cluster'],
    [{ provider: 'longhorn', parameters: { dataLocality: 'strict-local' } }, 'Node'],
    [{ provider: 'openebs-lvm' }, 'Node'],
    [{ provider: 'topolvm' }, 'Node'],
    [{ provider: 'linstor' }, 'Cluster'],
    [{ provider: 'linstor', parameters: { 'linstor.csi.linbit.com/allowRemoteVolumeAccess': 'false' } }, 'Node'],
    [{ storageClassName: 'any' }, 'Zone'],
    [{ storageClassName: 'any', locality: 'Node' }, 'Node'],
  ])('%j: %s', (spec, locality) => {
    expect(localityOf(pool(spec))).toBe(locality);
  });
});

describe('what a completed detach proves', () => {
  const declared = { fencing: 'AttachExclusive' };
  test.each<[object, string, string]>([
    [{ provider: 'aws-ebs' }, 'ebs.csi.aws.com', 'AttachExclusive'],
    [{ provider: 'gcp-pd' }, 'pd.csi.storage.gke.io', 'AttachExclusive'],
    [{ provider: 'azure-disk' }, 'disk.csi.azure.com', 'AttachExclusive'],
    [{ provider: 'aws-ebs', fencing: 'None' }, 'ebs.csi.aws.com', 'None'],
    // Before the class is known, and when the class of the pool's name is of another driver, nothing is proven.
    [{ provider: 'aws-ebs' }, '', 'None'],
    [{ provider: 'aws-ebs' }, 'csi.example.com', 'None'],
    [{ provider: 'azure-disk', parameters: { maxShares: '2' } }, 'disk.csi.azure.com', 'None'],
    [{ provider: 'azure-disk', parameters: { maxshares: '1' } }, 'disk.csi.azure.com', 'AttachExclusive'],
    [{ provider: 'ceph-rbd' }, 'rbd.csi.ceph.com', 'None'],
    [{ provider: 'longhorn' }, 'driver.longhorn.io', 'None'],
    [{ provider: 'openebs-lvm' }, 'local.csi.openebs.io', 'None'],
    [{ provider: 'topolvm' }, 'topolvm.io', 'None'],
    [{ provider: 'linstor' }, 'linstor.csi.linbit.com', 'None'],
    [{ provider: 'custom', custom: { provisioner: 'a.b' } }, 'a.b', 'None'],
    [{ provider: 'custom', custom: { provisioner: 'a.b' }, ...declared }, 'a.b', 'AttachExclusive'],
    [{ storageClassName: 'gp3' }, 'ebs.csi.aws.com', 'None'],
    [{ storageClassName: 'gp3', ...declared }, 'ebs.csi.aws.com', 'AttachExclusive'],
    [{ storageClassName: 'san', ...declared }, 'san.example.com', 'AttachExclusive'],
    [{ storageClassName: 'rook', ...declared }, 'rook-ceph.rbd.csi.ceph.com', 'None'],
  ])('of %j with driver "%s": %s', (spec, driver, fencing) => {
    expect(fencingOf(pool(spec), driver)).toBe(fencing);
  });

  test.each([
    [undefined, 'AttachExclusive'],
    [{ fencing: 'AttachExclusive' }, 'AttachExclusive'],
    // The class turned out to be somebody else's, or another one than the pool describes.
    [{ fencing: 'None' }, 'None'],
  ])('when the status says %j: %s', (status, fencing) => {
    expect(
      fencingOf(
        { ...pool({ provider: 'aws-ebs' }), status: status as StoragePoolStatus | undefined },
        'ebs.csi.aws.com',
      ),
    ).toBe(fencing);
  });

  test('the API knows the same providers as the presets', () => {
    const proven = Object.values(PRESETS).filter(
      ({ provider, driver }) => fencingOf(pool({ provider }), driver) === 'AttachExclusive',
    );
    expect(proven.map(({ provider }) => provider).toSorted()).toEqual([...EXCLUSIVE_ATTACH_PROVIDERS].toSorted());
  });
});
