import { describe, expect, test } from '@jest/globals';
import { differs } from './differs.ts';

describe('a live object is as wanted', () => {
  test.each([
    ['when it has more fields', { spec: { a: 1 } }, { spec: { a: 1, b: 2 }, status: {} }],
    [
      'when a quantity is written another way',
      { limits: { cpu: '1000m', memory: '1024Mi' } },
      { limits: { cpu: '1', memory: '1Gi' } },
    ],
    ['when a zero value was left out', { hostNetwork: false, env: [], text: '', count: 0, none: null }, {}],
    ['when an empty map got defaults', { emptyDir: {} }, { emptyDir: { medium: 'Memory' } }],
    [
      'when others added entries to a keyed list',
      { env: [{ name: 'A', value: '1' }] },
      { env: [{ name: 'B' }, { name: 'A', value: '1' }] },
    ],
    [
      'when it has another owner too',
      { ownerReferences: [{ uid: '1' }] },
      { ownerReferences: [{ uid: '2' }, { uid: '1', name: 'x' }] },
    ],
    [
      'when an integer quantity came as a number',
      { requests: { 'nvidia.com/gpu': 1 } },
      { requests: { 'nvidia.com/gpu': '1' } },
    ],
  ])('%s', (_when, desired, live) => {
    expect(differs(desired, live)).toBe(false);
  });
});

describe('a live object is not as wanted', () => {
  test.each([
    ['when a value is other', { spec: { replicas: 3 } }, { spec: { replicas: 2 } }],
    ['when a field is missing', { a: 'x' }, {}],
    ['when zero is wanted and more is there', { replicas: 0 }, { replicas: 2 }],
    ['when false is wanted and true is there', { spec: { hostNetwork: false } }, { spec: { hostNetwork: true } }],
    ['when a plain list is longer', { args: ['a'] }, { args: ['a', 'b'] }],
    ['when a keyed entry is missing', { env: [{ name: 'A', value: '1' }] }, { env: [{ name: 'B', value: '1' }] }],
    ['when a text outside quantities merely looks alike', { value: '1000m' }, { value: '1' }],
    ['when an amount is other', { requests: { cpu: '1' } }, { requests: { cpu: '2' } }],
    ['when there is none', { a: { b: 1 } }, undefined],
  ])('%s', (_when, desired, live) => {
    expect(differs(desired, live)).toBe(true);
  });
});
