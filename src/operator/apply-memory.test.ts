import { describe, expect, test } from '@jest/globals';
import type { KubeObject } from '../kube/kube-object.ts';
import { ApplyMemory, isOlder } from './apply-memory.ts';

const KEY = 'Service/shop/db';

function service(port: unknown, version: string, uid = 'u1'): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'db', namespace: 'shop', uid, resourceVersion: version },
    spec: { port },
    status: { seen: version },
  };
}

describe('the memory of what was applied', () => {
  test('a first apply is sent', () => {
    expect(new ApplyMemory().judge(KEY, service('1000m', '1'), service(1, '5'))).toBe('apply');
  });

  test('what the API server stored otherwise is not sent again, whatever its status does', () => {
    const memory = new ApplyMemory();
    memory.remember(KEY, service('1000m', ''), service(1, '7'));
    expect(memory.judge(KEY, service('1000m', ''), service(1, '9'))).toBe('stored otherwise');
  });

  test('what the cache shows as we wrote it by now is as wanted, and nobody stored it otherwise', () => {
    const memory = new ApplyMemory();
    const { apiVersion, kind } = service(2, '7');
    const wanted = { apiVersion, kind, metadata: { name: 'db', namespace: 'shop' }, spec: { port: 2 } };
    memory.remember(KEY, wanted, service(2, '7'));
    expect(memory.judge(KEY, wanted, service(2, '7'))).toBe('as wanted');
  });

  test('another intent is sent', () => {
    const memory = new ApplyMemory();
    memory.remember(KEY, service('1000m', ''), service(1, '7'));
    expect(memory.judge(KEY, service('2000m', ''), service(1, '7'))).toBe('apply');
  });

  test('a change by somebody else is put right', () => {
    const memory = new ApplyMemory();
    memory.remember(KEY, service('1000m', ''), service(1, '7'));
    expect(memory.judge(KEY, service('1000m', ''), service(3, '8'))).toBe('apply');
  });

  test('nothing is sent while the cache still shows what was there before', () => {
    const memory = new ApplyMemory();
    memory.remember(KEY, service(2, ''), service(2, '7'));
    expect(memory.judge(KEY, service(2, ''), service(1, '6'))).toBe('cache is behind');
  });

  test('an object of the same name made anew is applied', () => {
    const memory = new ApplyMemory();
    memory.remember(KEY, service(2, ''), service(2, '7'));
    expect(memory.judge(KEY, service(2, ''), service(2, '9', 'u2'))).toBe('apply');
    expect(memory.judge(KEY, service(2, ''), undefined)).toBe('apply');
  });

  test.each([
    ['9', '10', true],
    ['10', '9', false],
    ['9', '9', false],
    [undefined, '9', false],
    ['abc', '9', false],
  ])('version %s is older than %s: %s', (a, b, older) => {
    expect(isOlder(a, b)).toBe(older);
  });
});
