import { describe, expect, test } from '@jest/globals';
import { formatResourceList, parseResourceList } from './resource-list.ts';
import { showAmount } from './show-amount.ts';
import { add, fits, maxOf, sameResources, subtract } from './vector.ts';

describe('a resource list', () => {
  test('has CPU in millicores and the rest in bytes or counts, and comes back as it was', () => {
    const list = { cpu: '1500m', memory: '2Gi', 'nvidia.com/gpu': '2', 'storage.proffer.dev/fast': '10Gi' };
    const resources = parseResourceList(list);
    expect(resources).toEqual({
      cpu: 1500,
      memory: 2 ** 31,
      'nvidia.com/gpu': 2,
      'storage.proffer.dev/fast': 10 * 2 ** 30,
    });
    expect(formatResourceList(resources)).toEqual(list);
  });

  test('keeps a zero: a limit of 0 is not the same as no limit', () => {
    expect(parseResourceList({ cpu: '0' })).toEqual({ cpu: 0 });
  });

  test.each([
    [{ cpu: 'two' }, 'cpu: "two" is not a quantity'],
    [{ memory: '-1Gi' }, 'memory: "-1Gi" is negative'],
  ])('%j is refused with the name and the text', (list, message) => {
    expect(() => parseResourceList(list as Record<string, string>)).toThrow(message);
  });

  test('writes equal amounts as equal text, whatever the order', () => {
    expect(JSON.stringify(formatResourceList({ memory: 1024, cpu: 1 }))).toBe(
      JSON.stringify(formatResourceList({ cpu: 1, memory: 1024 })),
    );
  });

  test.each([
    ['cpu', 2000, '2000m'],
    ['memory', 7.5 * 2 ** 30, '7.5Gi'],
    ['memory', 1000, '1000'],
    ['storage.proffer.dev/fast', 2 ** 30, '1Gi'],
    ['pods', 3, '3'],
  ])('shows %s %d as %s', (name, amount, text) => {
    expect(showAmount(name, amount)).toBe(text);
  });
});

describe('amounts', () => {
  const left = { cpu: 3, memory: 5 };
  const right = { cpu: 4, pods: 1 };

  test('are added, subtracted down to nothing, and compared name by name', () => {
    expect(add(left, right)).toEqual({ cpu: 7, memory: 5, pods: 1 });
    expect(subtract(left, right)).toEqual({ cpu: 0, memory: 5, pods: 0 });
    expect(maxOf(left, right)).toEqual({ cpu: 4, memory: 5, pods: 1 });
  });

  test('say which of them are lacking', () => {
    expect(fits({ cpu: 4, memory: 5, pods: 1 }, left)).toEqual(['cpu', 'pods']);
    expect(fits({ cpu: 3 }, left)).toEqual([]);
  });

  test('are the same when the absent ones are 0', () => {
    expect(sameResources({ cpu: 0, memory: 1 }, { memory: 1 })).toBe(true);
    expect(sameResources({ cpu: 1 }, {})).toBe(false);
  });
});
