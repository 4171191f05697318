import { expect, test } from '@jest/globals';
import { parseStoragePool } from '../../api/parse.ts';
import { exclusiveClasses } from './exclusive-volumes.ts';

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
