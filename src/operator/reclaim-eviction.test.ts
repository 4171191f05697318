import { beforeEach, describe, expect, test } from '@jest/globals';
import { NOW, app, node, reservation, slot } from '../../test/support/app-builders.ts';
import type { Reservation, Slot } from '../api/reservation.ts';
import { GIVEN_UP_SECONDS, giveUp } from '../core/app/given-up-slot.ts';
import { KubeError, NotLeaderError } from '../kube/errors.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { Store } from '../kube/store.ts';
import type { Stores } from './caches.ts';
import { ReclaimEviction } from './reclaim-eviction.ts';

const APP = { namespace: 'prod', name: 'db', uid: 'app-1', framework: 'guest' };
const LEAVING = { app: APP, member: 'db-0', node: 'n1', podUid: 'pod-1' };
const CLAIMED = slot({ state: 'Claimed', podUID: 'pod-1' });

const owner = (kind: string, uid: string) => ({
  ownerReferences: [{ apiVersion: 'v1', kind, name: 'db', uid, controller: true }],
});
const set = (appUid = 'app-1') => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db', namespace: 'prod', uid: 'sts-1', ...owner('PersistentApp', appUid) },
});
const livePod = (metadata: object = {}, spec: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'db-0', namespace: 'prod', uid: 'pod-1', ...owner('StatefulSet', 'sts-1'), ...metadata },
  spec: { nodeName: 'n1', ...spec },
});
const claim: KubeObject = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data-db-0', namespace: 'prod' },
  spec: { volumeName: 'pv-1' },
};
const volume = (spec: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'pv-1' },
  spec: { capacity: { storage: '1Gi' }, ...spec },
});
const reachableIn = (key: string, value: string) => ({
  nodeAffinity: {
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values: [value] }] }] },
  },
});
const WITH_VOLUME = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } }] };

describe('making a member go', () => {
  let live: Map<string, KubeObject>;
  let known: Reservation;
  let written: string[];
  let now: number;
  let answer: Error | undefined;
  let stores: Pick<Stores, 'apps' | 'nodes' | 'statefulSets'>;
  let eviction: ReclaimEviction;

  beforeEach(() => {
    [written, now, answer] = [[], NOW, undefined];
    live = new Map([['Pod db-0', livePod()]]);
    known = reservation([CLAIMED]);
    stores = { apps: new Store(), nodes: new Store(), statefulSets: new Store() };
    stores.apps.set('prod/db', app());
    stores.statefulSets.set('prod/db', set());
    for (const name of ['n1', 'n2']) stores.nodes.set(name, node(name));
    eviction = new ReclaimEviction({
      stores,
      now: () => now,
      writer: {
        get: (type, _namespace, name) => {
          written.push(`get ${type.kind}`);
          return Promise.resolve(live.get(`${type.kind} ${name}`));
        },
        evict: (_namespace, name, { uid, dryRun }) => {
          written.push(`${dryRun === true ? 'ask' : 'evict'} ${name} ${uid}`);
          return answer === undefined ? Promise.resolve() : Promise.reject(answer);
        },
      },
      reservations: {
        newest: () => known,
        keep: (_app, slots) => {
          written.push(`keep ${slots.map(({ state }) => state).join()}`);
          known = reservation(slots);
          return Promise.resolve('written');
        },
      },
    });
  });

  const holding = (held: Slot) => {
    known = reservation([held]);
  };

  test('asks first, then gives up the slot, then evicts; each time after a live look at the pod', async () => {
    expect(await eviction.ask(LEAVING)).toEqual({ kind: 'done' });
    expect(await eviction.giveUp([LEAVING])).toBe('written');
    expect(await eviction.evict(LEAVING)).toEqual({ kind: 'done' });
    expect(written).toEqual(['get Pod', 'ask db-0 pod-1', 'keep Moving', 'get Pod', 'evict db-0 pod-1']);
  });

  test('evicts nobody whose slot is not given up', async () => {
    expect(await eviction.evict(LEAVING)).toMatchObject({ kind: 'refused', final: true });
    expect(written).toEqual([]);
  });

  test('evicts nobody who may have the slot again before the answer comes', async () => {
    holding(giveUp(CLAIMED, NOW));
    now = NOW + GIVEN_UP_SECONDS - 10;
    expect(await eviction.evict(LEAVING)).toMatchObject({ kind: 'refused', final: true });
    expect(written).toEqual([]);
  });

  test('gives up no slot that another pod has, or that is elsewhere', async () => {
    for (const other of [{ podUID: 'pod-2' }, { node: 'n2' }, { state: 'Held' } as const]) {
      holding({ ...CLAIMED, ...other });
      expect(await eviction.giveUp([LEAVING])).toBe('conflict');
    }
    expect(written).toEqual([]);
  });

  test.each<[string, () => void]>([
    ['is gone', () => live.clear()],
    ['is another one', () => live.set('Pod db-0', livePod({ uid: 'pod-2' }))],
    ['is on its way out', () => live.set('Pod db-0', livePod({ deletionTimestamp: '2026-01-01T00:00:00Z' }))],
  ])('a pod that %s is let be', async (_what, given) => {
    given();
    expect(await eviction.ask(LEAVING)).toEqual({ kind: 'gone' });
    expect(written).toEqual(['get Pod']);
  });

  test.each<[string, () => void, RegExp]>([
    [
      'whose pod nobody controls',
      () => live.set('Pod db-0', livePod({ ownerReferences: [] })),
      /not controlled by the StatefulSet/,
    ],
    [
      'whose StatefulSet belongs to somebody else',
      () => stores.statefulSets.set('prod/db', set('app-2')),
      /not controlled by the StatefulSet/,
    ],
    ['whose app is gone', () => stores.apps.delete('prod/db'), /an app that is gone/],
    [
      'whose app was made anew',
      () => stores.apps.set('prod/db', app({ metadata: { uid: 'app-2' } })),
      /an app that is gone/,
    ],
    ['whose app is paused', () => stores.apps.set('prod/db', app({ spec: { paused: true } })), /prod\/db is paused/],
    ['that runs elsewhere', () => live.set('Pod db-0', livePod({}, { nodeName: 'n2' })), /does not run on n1/],
    [
      'that uses a path of the node',
      () => live.set('Pod db-0', livePod({}, { volumes: [{ name: 'x', hostPath: { path: '/data' } }] })),
      /uses a path of n1/,
    ],
    [
      'whose slot has a pinned volume',
      () =>
        holding({
          ...CLAIMED,
          volumes: [{ claim: 'data-db-0', pool: '', storageClassName: 'x', bytes: 1, pinned: true }],
        }),
      /has a volume on n1/,
    ],
    ['whose claim nobody finds', () => live.set('Pod db-0', livePod({}, WITH_VOLUME)), /nobody knows where the volume/],
    [
      'whose volume only this node can reach',
      () => {
        live.set('Pod db-0', livePod({}, WITH_VOLUME));
        live.set('PersistentVolumeClaim data-db-0', claim);
        live.set('PersistentVolume pv-1', volume(reachableIn('kubernetes.io/hostname', 'n1')));
      },
      /can be reached only from n1/,
    ],
    [
      'whose volume is a directory of a node, whatever it says of its topology',
      () => {
        live.set('Pod db-0', livePod({}, WITH_VOLUME));
        live.set('PersistentVolumeClaim data-db-0', claim);
        live.set('PersistentVolume pv-1', volume({ local: { path: '/disk' } }));
      },
      /can be reached only from n1/,
    ],
  ])('a member %s stays', async (_what, given, says) => {
    given();
    expect(await eviction.ask(LEAVING)).toMatchObject({ kind: 'refused', message: expect.stringMatching(says) });
    expect(written.filter((write) => !write.startsWith('get'))).toEqual([]);
  });

  test('a member whose volume other nodes reach may go', async () => {
    live.set('Pod db-0', livePod({}, WITH_VOLUME));
    live.set('PersistentVolumeClaim data-db-0', claim);
    live.set('PersistentVolume pv-1', volume(reachableIn('topology.kubernetes.io/zone', 'a')));
    expect(await eviction.ask(LEAVING)).toEqual({ kind: 'done' });
  });

  test('a disruption budget that does not let it go is an answer; the lost lease is the end', async () => {
    holding(giveUp(CLAIMED, NOW));
    const message = "Cannot evict pod as it would violate the pod's disruption budget.";
    answer = new KubeError({ status: 429, reason: 'TooManyRequests', message });
    expect(await eviction.evict(LEAVING)).toEqual({ kind: 'refused', message: `prod/db-0: ${message}` });
    answer = new NotLeaderError('evict of Pod prod/db-0');
    await expect(eviction.evict(LEAVING)).rejects.toThrow(NotLeaderError);
  });
});
