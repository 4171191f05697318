import { beforeEach, expect, test } from '@jest/globals';
import { DATA, app, claim, pod, pool, reservation, slot, storageClass } from '../../test/support/app-builders.ts';
import { emptyStores } from '../../test/support/store-builders.ts';
import type { VolumeFacts } from '../core/facts/storage-facts.ts';
import { wholeNodeProblem } from '../core/recovery/whole-node.ts';
import { BY_NODE, type Stores } from './caches.ts';
import { observeNodeUse } from './recovery-node-use.ts';

const DRIVER = 'san.example.com';
let stores: Stores;

const problem = (): string => wholeNodeProblem(observeNodeUse('n1', stores, true, 'unknown'));

function putVolume(name: string, parts: Partial<VolumeFacts> = {}): void {
  stores.volumes.set(name, {
    uid: name,
    name,
    storageClassName: 'san',
    driver: DRIVER,
    volumeHandle: name,
    bytes: 1,
    claim: undefined,
    reclaimPolicy: 'Retain',
    nodeTerms: undefined,
    phase: 'Bound',
    ...parts,
  });
}

/** A member on n1 with a volume of its own. */
function putMember(name: string): void {
  const data = `data-${name}`;
  stores.pods.set(`prod/${name}`, pod({ name, claims: [data] }));
  stores.claims.set(`prod/${data}`, claim({ name: data }));
  putVolume(`pv-${data}`);
}

const moving = (member: string) => slot({ member, node: 'n2', state: 'Moving', podUID: '' });

beforeEach(() => {
  stores = emptyStores();
  stores.attachments.index(BY_NODE, ({ nodeName }) => nodeName);
  stores.storageClasses.set('san', { ...storageClass('san'), provisioner: DRIVER });
  stores.pools.set('san', pool('san', { storageClassName: 'san', fencing: 'AttachExclusive' }));
  stores.apps.set('prod/db', app({ spec: { volumeClaims: [DATA] } }));
  putMember('db-0');
});

test('a node with one member, whose volume a detach cuts off, may go as a whole', () => {
  expect(problem()).toBe('');
});

test('never with the second member of an app that lets one go at a time, be the first there or on its way', () => {
  putMember('db-1');
  expect(problem()).toContain('prod/db');
  // The pod of the first is gone, and the first is not let in elsewhere yet.
  stores.pods.delete('prod/db-0');
  stores.reservations.set('prod/db', reservation([moving('db-0')]));
  expect(problem()).toContain('members of prod/db there may not be moved together');
});

test('with the member that is on its way itself, whose pod is there or not', () => {
  stores.reservations.set('prod/db', reservation([moving('db-0')]));
  expect(problem()).toBe('');
  stores.pods.delete('prod/db-0');
  expect(problem()).toBe('');
});

test.each<[string, () => void, string]>([
  [
    'a volume that bears the name of an exclusive class, and is of another driver',
    () => putVolume('pv-data-db-0', { driver: 'nfs.csi.k8s.io' }),
    'claim data-db-0',
  ],
  ['a volume that several nodes may have', () => putVolume('pv-data-db-0', { isShared: true }), 'claim data-db-0'],
  [
    'a driver of which Kubernetes attaches nothing',
    () => stores.drivers.set(DRIVER, { name: DRIVER, publishesCapacity: false, attachRequired: false }),
    'claim data-db-0',
  ],
  [
    'a pod of somebody with an NFS export of its own',
    () => stores.pods.set('prod/web', pod({ name: 'web', labels: {}, sharedVolumes: ['exports'] })),
    'volume exports of pod prod/web',
  ],
  [
    'a member without volumes, of which nothing proves that it stopped',
    () => {
      stores.apps.set('prod/cache', app({ metadata: { name: 'cache' } }));
      stores.pods.set('prod/cache-0', pod({ name: 'cache-0', labels: {} }));
    },
    'member prod/cache-0 there has no volume',
  ],
])('not where there is %s', (_what, put, says) => {
  put();
  expect(problem()).toContain(says);
});

test('a pod of somebody without volumes is in nobody’s way', () => {
  stores.pods.set('prod/web-1', pod({ name: 'web-1', labels: {} }));
  expect(problem()).toBe('');
});
