import { expect, test } from '@jest/globals';
import { parseStoragePool } from '../../api/parse.ts';
import { exclusiveClasses, exclusiveVolumeTest } from './exclusive-volumes.ts';

const pool = (name: string, spec: object) =>
  parseStoragePool({ apiVersion: 'proffer.dev/v1alpha1', kind: 'StoragePool', metadata: { name }, spec });

test('a class is exclusive when all pools that use it prove it, and its driver is known', () => {
  const declared = { fencing: 'AttachExclusive' };
  const pools = [
    pool('a', { storageClassName: 'gp3', ...declared }),
    pool('b', { storageClassName: 'san', ...declared }),
    pool('c', { storageClassName: 'san' }),
    pool('d', { storageClassName: 'san', ...declared }),
    pool('e', { storageClassName: 'gone', ...declared }),
    pool('ebs', { provider: 'aws-ebs' }),
    pool('rbd', { provider: 'ceph-rbd' }),
  ];
  const drivers = new Map([
    ['gp3', 'csi.example.com'],
    ['san', 'csi.example.com'],
    ['ebs', 'ebs.csi.aws.com'],
    ['rbd', 'rbd.csi.ceph.com'],
  ]);
  expect([...exclusiveClasses(pools, (name) => drivers.get(name))]).toEqual(['gp3', 'ebs']);
});

test.each<[string, object, boolean]>([
  ['of the class, made by its driver', {}, true],
  ['of another class', { storageClassName: 'nfs' }, false],
  ['of the class by its name alone, written by hand for another driver', { driver: 'nfs.csi.k8s.io' }, false],
  ['of the class by its name alone, and of no CSI driver at all', { driver: '' }, false],
  ['that several nodes may have at once', { isShared: true }, false],
  [
    'of a driver of which Kubernetes attaches nothing',
    { storageClassName: 'files', driver: 'files.example.com' },
    false,
  ],
])('a completed detach cuts off the writer of a volume %s: %s', (_which, parts, isCut) => {
  const provisioners = new Map([
    ['san', 'san.example.com'],
    ['files', 'files.example.com'],
  ]);
  const isExclusive = exclusiveVolumeTest({
    pools: ['san', 'files'].map((name) => pool(name, { storageClassName: name, fencing: 'AttachExclusive' })),
    provisionerOf: (name) => provisioners.get(name),
    driverOf: (name) => (name === 'files.example.com' ? { attachRequired: false } : undefined),
  });
  expect(isExclusive({ storageClassName: 'san', driver: 'san.example.com', ...parts })).toBe(isCut);
  expect(isExclusive(undefined)).toBe(false);
});
