import { describe, expect, test } from '@jest/globals';
import { KubeError } from '../kube/errors.ts';
import { silentLog } from '../kube/log.ts';
import type { SleepingPod } from './cache-message.ts';
import { ANNOTATION_WOKEN, Waker } from './waker.ts';

const pod = (uid: string): SleepingPod => ({ uid, namespace: 'default', name: `name-${uid}` });

/** A writer that fails as told, and a log that counts warnings. */
function bench(failure?: KubeError) {
  const woken: string[] = [];
  const warnings: string[] = [];
  const patchMetadata = (
    _type: unknown,
    _namespace: unknown,
    name: string,
    patch: object,
    guard: { readonly uid: string },
  ) => {
    woken.push(`${name} ${guard.uid} ${JSON.stringify(patch)}`);
    return failure === undefined
      ? Promise.resolve({ apiVersion: 'v1', kind: 'Pod', metadata: { name } })
      : Promise.reject(failure);
  };
  const waker = new Waker({ patchMetadata }, { ...silentLog, warn: (_fields, message) => warnings.push(message) });
  return { waker, woken, warnings };
}

const failure = (status: number) => new KubeError({ status, reason: '', message: 'no' });

describe('waking refused pods', () => {
  test('touches one annotation of the very pod', async () => {
    const { waker, woken } = bench();
    waker.add([pod('a')]);
    await waker.wakeSome('now');
    expect(woken).toEqual([`name-a a {"annotations":{"${ANNOTATION_WOKEN}":"now"}}`]);
  });

  test('takes a few at a time, the oldest first, and none twice', async () => {
    const { waker, woken } = bench();
    waker.add(['a', 'b', 'c', 'a'].map(pod));
    await waker.wakeSome('1');
    expect([woken.length, waker.waiting]).toEqual([2, 1]);
    await waker.wakeSome('2');
    await waker.wakeSome('3');
    expect(woken.map((line) => line.split(' ')[0])).toEqual(['name-a', 'name-b', 'name-c']);
  });

  test.each([404, 409])('says nothing of a pod that is gone or another by now (%i)', async (status) => {
    const { waker, warnings } = bench(failure(status));
    waker.add([pod('a')]);
    await waker.wakeSome('now');
    expect(warnings).toEqual([]);
  });

  test('says when it failed', async () => {
    const { waker, warnings } = bench(failure(500));
    waker.add([pod('a')]);
    await waker.wakeSome('now');
    expect(warnings).toEqual(['a refused pod was not woken and may wait some minutes']);
  });

  test('asks no more, and says it once, when it is not allowed to', async () => {
    const { waker, woken, warnings } = bench(failure(403));
    waker.add([pod('a'), pod('b')]);
    await waker.wakeSome('1');
    waker.add([pod('c')]);
    await waker.wakeSome('2');
    expect([woken.length, warnings]).toEqual([2, [expect.stringMatching(/allow the scheduler to patch pods/)]]);
  });
});
