import { beforeEach, describe, expect, test } from '@jest/globals';
import { emptyStores } from '../../test/support/store-builders.ts';
import { parseReservation } from '../api/parse.ts';
import type { Stores } from './caches.ts';
import { wakeUpkeep } from './wake-upkeep.ts';

const CLAIMED = { member: 'db-0', node: 'n1', state: 'Claimed', podUID: 'pod-1' };
const HELD = { member: 'db-1', node: 'n2', state: 'Held' };

describe('slots of a node are looked at for those that must give way', () => {
  let stores: Stores;
  let woken: string[];
  let version = 0;

  beforeEach(() => {
    stores = emptyStores();
    woken = [];
    wakeUpkeep(stores, (key) => {
      if (key.startsWith('node ')) woken.push(key.slice('node '.length));
    });
  });

  /** The nodes that are looked at after the app's slots are seen to be these. */
  function see(...slots: readonly object[]): readonly string[] {
    woken.length = 0;
    const filled = slots.map((slot) => ({
      resources: { cpu: '3' },
      epoch: 1,
      acceptedAt: '2026-01-02T03:04:05Z',
      ...slot,
    }));
    const metadata = { name: 'db', namespace: 'shop', uid: 'rsv-db', resourceVersion: String((version += 1)) };
    const spec = { app: { name: 'db', uid: 'app-db' }, slots: filled };
    const apiVersion = 'proffer.dev/v1alpha1';
    stores.reservations.set('shop/db', parseReservation({ apiVersion, kind: 'Reservation', metadata, spec }));
    return woken.toSorted();
  }

  test('while one of them waits for its pod', () => {
    expect(see(HELD)).toEqual(['n2']);
    expect(see(CLAIMED, HELD)).toContain('n2');
  });

  // A stale reader let the pod in; the slot that was made for somebody else meanwhile is heard of no more.
  test('when a pod turns out to be where its member had no slot', () => {
    expect(see()).toEqual([]);
    expect(see(CLAIMED)).toEqual(['n1']);
    expect(see({ ...CLAIMED, node: 'n3' })).toEqual(['n3']);
  });

  test('when a member has its slot back that was given up', () => {
    see({ ...CLAIMED, state: 'Moving', holdUntil: '2026-01-02T03:05:05Z' });
    expect(see(CLAIMED)).toEqual(['n1']);
  });

  test('and not again while what is there stays as it is', () => {
    see(CLAIMED);
    expect(see({ ...CLAIMED, podUID: 'pod-2' })).toEqual([]);
    expect(see()).toEqual([]);
  });
});
