import { beforeEach, expect, test } from '@jest/globals';
import { DATA, app, pod } from '../../test/support/app-builders.ts';
import { emptyStores } from '../../test/support/store-builders.ts';
import { systemClock } from '../kube/clock.ts';
import type { Stores } from './caches.ts';
import { VolumeUsageWatch } from './volume-usage-watch.ts';

const GI = 2 ** 30;
const GROWS = { ...DATA, autoGrow: { enabled: true, maxSize: '3Gi' } };

let stores: Stores;
let asked: string[];
let woken: string[];
let full: number;
let failure: Error | undefined;

beforeEach(() => {
  stores = emptyStores();
  [asked, woken, full, failure] = [[], [], 50, undefined];
});

const summary = () => ({
  pods: [
    {
      volume: [
        { name: 'config', capacityBytes: 5, usedBytes: 5 },
        {
          name: 'data',
          pvcRef: { name: 'data-db-0', namespace: 'prod' },
          time: '2026-01-02T03:04:05Z',
          capacityBytes: GI,
          availableBytes: (GI * (100 - full)) / 100,
          usedBytes: (GI * full) / 100,
        },
      ],
    },
  ],
});

function watch(isOn = true): VolumeUsageWatch {
  const kubelets = {
    summary: (node: string) => {
      asked.push(node);
      return failure === undefined ? Promise.resolve(summary()) : Promise.reject(failure);
    },
    forget: () => undefined,
    nodes: () => [],
  };
  return new VolumeUsageWatch({
    stores,
    kubelets: isOn ? kubelets : undefined,
    clock: systemClock,
    everySeconds: 1,
    wakeApp: (key) => void woken.push(key),
  });
}

const growing = app({ spec: { volumeClaims: [GROWS] } });

test('only nodes of members whose volumes may grow are asked, and an app is woken when one is full enough', async () => {
  const usage = watch();
  stores.apps.set('prod/db', growing);
  stores.apps.set('prod/calm', app({ metadata: { name: 'calm' }, spec: { volumeClaims: [DATA] } }));
  stores.pods.set('prod/db-0', pod());
  stores.pods.set('prod/calm-0', pod({ name: 'calm-0', nodeName: 'n2', labels: { 'proffer.dev/app': 'calm' } }));
  await usage.look();
  expect(asked).toEqual(['n1']);
  expect(woken).toEqual([]);
  expect(usage.usageOf(growing)?.byClaim.get('data-db-0')).toMatchObject({ capacityBytes: GI, usedBytes: GI / 2 });
  full = 85;
  await usage.look();
  expect(woken).toEqual(['prod/db']);
});

test('a kubelet that does not answer is a problem of its node, and what it said before does not count', async () => {
  const usage = watch();
  stores.apps.set('prod/db', growing);
  stores.pods.set('prod/db-0', pod());
  await usage.look();
  failure = new Error('the kubelet answered 403');
  await usage.look();
  expect(usage.usageOf(growing)).toEqual({
    byClaim: new Map(),
    problems: new Map([['n1', 'the kubelet answered 403']]),
  });
  expect(woken).toEqual(['prod/db']);
  await usage.look();
  expect(woken).toEqual(['prod/db']);
});

test('switched off, it asks nobody and says so', async () => {
  const usage = watch(false);
  stores.apps.set('prod/db', growing);
  stores.pods.set('prod/db-0', pod());
  await usage.look();
  expect(asked).toEqual([]);
  expect(usage.usageOf(growing)?.problems.get('n1')).toContain('--volume-stats');
  expect(usage.usageOf(app({ spec: { volumeClaims: [DATA] } }))).toBeUndefined();
});
