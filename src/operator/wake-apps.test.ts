import { beforeEach, describe, expect, test } from '@jest/globals';
import { app } from '../../test/support/app-builders.ts';
import { parseFramework } from '../api/parse.ts';
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

test('who inherits from a framework is looked at when that becomes revocable, or is gone', () => {
  const stores = emptyStores();
  const woken: string[] = [];
  const set = (name: string, spec: object, generation = 1): void => {
    const metadata = { name, generation };
    const found = parseFramework({ apiVersion: 'proffer.dev/v1alpha1', kind: 'Framework', metadata, spec });
    stores.frameworks.set(name, found);
  };
  set('firm', {});
  set('org', { parent: 'firm' });
  for (const name of ['team', 'other']) {
    set(name, name === 'team' ? { parent: 'org' } : {});
    stores.apps.set(`prod/${name}`, app({ metadata: { name, uid: `uid-${name}` }, spec: { framework: name } }));
  }
  wakeApps(stores, { wakeApp: (key) => void woken.push(key), nudge: () => undefined });
  set('firm', { revocable: true }, 2);
  stores.frameworks.delete('firm');
  expect(woken).toEqual(['prod/team', 'prod/team']);
});
