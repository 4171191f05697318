import { beforeEach, expect, test } from '@jest/globals';
import { node, pod } from '../../test/support/app-builders.ts';
import { emptyStores } from '../../test/support/store-builders.ts';
import { OUR_TAINT } from '../core/recovery/node-trouble.ts';
import { UNSTAGE_SECONDS } from '../core/recovery/return.ts';
import type { Stores } from './caches.ts';
import { RecoveryReturn } from './recovery-return.ts';

let stores: Stores;
let returns: RecoveryReturn;
let takenBack: string[];
/** Stands still while nobody is heard. */
let now: number;

beforeEach(() => {
  stores = emptyStores();
  takenBack = [];
  now = 1000;
  const actions = {
    takeBack: async (name: string) => {
      takenBack.push(name);
      return true;
    },
  };
  returns = new RecoveryReturn({ stores, watch: { silentSeconds: () => 0, heardSeconds: () => now }, actions });
  stores.nodes.set('n1', node('n1', { fencedByUs: '2026-01-02T03:04:05Z', taints: [OUR_TAINT] }));
});

test('a node that we declared out of service is let back in when it was well for long enough', async () => {
  expect(await returns.reconcile('n1')).toEqual({ wakeAfterSeconds: UNSTAGE_SECONDS });
  now += UNSTAGE_SECONDS;
  expect(await returns.reconcile('n1')).toEqual({});
  expect(takenBack).toEqual(['n1']);
});

test('the time starts anew when the node is not well in between', async () => {
  await returns.reconcile('n1');
  now += UNSTAGE_SECONDS;
  stores.pods.set('prod/db-0', pod());
  expect(await returns.reconcile('n1')).toEqual({ wakeAfterSeconds: 5 });
  stores.pods.delete('prod/db-0');
  expect(await returns.reconcile('n1')).toEqual({ wakeAfterSeconds: UNSTAGE_SECONDS });
  expect(takenBack).toEqual([]);
});

test('time in which nobody can be heard does not count', async () => {
  await returns.reconcile('n1');
  now += 10;
  const wait = { wakeAfterSeconds: UNSTAGE_SECONDS - 10 };
  // Nobody is heard between these two, however long it is.
  expect(await returns.reconcile('n1')).toEqual(wait);
  expect(await returns.reconcile('n1')).toEqual(wait);
  expect(takenBack).toEqual([]);
});

test('a node that somebody else declared out of service is left alone', async () => {
  stores.nodes.set('n1', node('n1'));
  expect(await returns.reconcile('n1')).toEqual({});
  expect(takenBack).toEqual([]);
});

test('where somebody took our taint away our mark goes at once, lest it stand for a taint of theirs', async () => {
  stores.nodes.set('n1', node('n1', { fencedByUs: '2026-01-02T03:04:05Z', ready: false }));
  expect(await returns.reconcile('n1')).toEqual({});
  expect(takenBack).toEqual(['n1']);
});
