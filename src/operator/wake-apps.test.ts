import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Stores } from './caches.ts';
import { emptyStores } from '../../test/support/store-builders.ts';
import { wakeApps } from './wake-apps.ts';

describe('whoever waits for slots is looked at again', () => {
  let stores: Stores;
  let nudges: number;

  beforeEach(() => {
    stores = emptyStores();
    nudges = 0;
    wakeApps(stores, { wakeApp: () => undefined, nudge: () => (nudges += 1) });
  });

  test('when a driver publishes the capacity of a class, changes it or takes it back', () => {
    const capacity = {
      uid: 'u1',
      namespace: 'kube-system',
      name: 'c',
      storageClassName: 'fast',
      nodeLabels: {},
      capacityBytes: 0,
      maximumVolumeBytes: undefined,
    };
    stores.capacities.set('kube-system/c', capacity);
    expect(nudges).toBe(1);
    stores.capacities.set('kube-system/c', { ...capacity, capacityBytes: 1 });
    expect(nudges).toBe(2);
    stores.capacities.set('kube-system/c', { ...capacity, capacityBytes: 1 });
    expect(nudges).toBe(2);
    stores.capacities.delete('kube-system/c');
    expect(nudges).toBe(3);
  });

  test('when a driver stops or starts to say how much there is', () => {
    stores.drivers.set('d', { name: 'd', publishesCapacity: true });
    stores.drivers.set('d', { name: 'd', publishesCapacity: false });
    expect(nudges).toBe(2);
  });
});
