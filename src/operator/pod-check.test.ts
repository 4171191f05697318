import { beforeEach, describe, expect, test } from '@jest/globals';
import { LAUNCHED_ALONE, app, pod } from '../../test/support/app-builders.ts';
import { emptyStores } from '../../test/support/store-builders.ts';
import { KubeError } from '../kube/errors.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { PodCheck } from './pod-check.ts';

const APP = app({ spec: { replicas: 1 } });
const QUOTA = 'pods "proffer-check-app-1" is forbidden: exceeded quota: small';

describe('the question whether one more pod would be taken', () => {
  let now: number;
  let asked: number;
  let failure: KubeError | undefined;
  let stores: ReturnType<typeof emptyStores>;
  let check: PodCheck;

  beforeEach(() => {
    [now, asked, failure] = [1000, 0, undefined];
    stores = emptyStores();
    stores.statefulSets.set('prod/db', LAUNCHED_ALONE);
    const dryRunApply = async (object: KubeObject) => {
      asked += 1;
      if (failure !== undefined) throw failure;
      return object;
    };
    const names = { schedulerName: 'proffer-scheduler', memberPriorityClass: '' };
    check = new PodCheck({ writer: { dryRunApply }, stores, ...names, now: () => now });
  });

  const refuse = (message: string, status = 403) => {
    failure = new KubeError({ status, reason: 'x', message });
  };

  /** Asks after so many seconds. */
  const after = (seconds: number) => {
    now += seconds;
    return check.ask(APP);
  };

  test('is asked only while pods are missing, and not of one that is about to come', async () => {
    stores.pods.set('prod/db-0', pod({ name: 'db-0' }));
    await after(100);
    expect(check.wakeAfterSeconds(APP)).toBeUndefined();
    stores.pods.delete('prod/db-0');
    await after(1);
    expect([asked, check.wakeAfterSeconds(APP)]).toEqual([0, 3]);
    await after(3);
    expect([asked, check.wakeAfterSeconds(APP)]).toEqual([1, 10]);
    await after(9);
    expect(asked).toBe(1);
    await after(300);
    expect([asked, check.wakeAfterSeconds(APP)]).toEqual([2, 60]);
  });

  test.each([
    [403, QUOTA, 'pods "db" is forbidden: exceeded quota: small'],
    [500, 'Internal error occurred: failed calling webhook "w": no route', undefined],
  ])(
    'is answered in the API server’s words (%i), and forgotten when the pod is there',
    async (status, message, told) => {
      refuse(message, status);
      await after(0);
      expect((await after(3)).problem).toBe(told ?? message);
      stores.pods.set('prod/db-0', pod({ name: 'db-0' }));
      expect(await after(1)).toEqual({ problem: undefined });
      stores.pods.delete('prod/db-0');
      expect(await after(1)).toEqual({ problem: undefined });
    },
  );

  test('keeps the last answer while none comes', async () => {
    refuse(QUOTA);
    await after(0);
    await after(3);
    refuse('the server is busy', 503);
    expect((await after(10)).problem).toMatch(/exceeded quota/);
  });

  test('says since when a pod is taken that was refused, until it is there', async () => {
    refuse(QUOTA);
    await after(0);
    await after(3);
    failure = undefined;
    const since = { problem: undefined, takenSinceSeconds: 1013 };
    expect(await after(10)).toEqual(since);
    expect(await after(10)).toEqual(since);
  });
});
