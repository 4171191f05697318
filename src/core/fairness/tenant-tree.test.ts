import { describe, expect, test } from '@jest/globals';
import { amounts, tenant } from '../../../test/support/core-builders.ts';
import { contestTree } from '../../../test/support/tenant-turns.ts';
import type { Tenant } from '../allocator/decision.ts';
import type { Resources } from '../resources/resources.ts';

const cpu = (count: number) => amounts({ cpu: count });

interface Case {
  readonly tenants: readonly Tenant[];
  readonly charges?: Readonly<Record<string, Resources>>;
  readonly ask: readonly [string, Resources];
}

function refusal({ tenants, charges = {}, ask: [name, request] }: Case, total = 10) {
  return contestTree({ totals: cpu(total), tenants, charges }).refusal(name, request);
}

const KEEPER = tenant('keeper', { guarantee: cpu(6), lendingLimit: cpu(0) });

describe('a tenant may not have', () => {
  test.each<[string, Case, string, string]>([
    [
      'what takes it over its limit',
      { tenants: [tenant('a', { limit: cpu(3) })], charges: { a: cpu(2) }, ask: ['a', cpu(2)] },
      'FrameworkLimit',
      'framework a is at its limit of cpu: 2000m of 3000m charged, 2000m more needed',
    ],
    [
      'what takes one above it over its limit',
      {
        tenants: [tenant('org', { limit: cpu(3) }), tenant('a', { parent: 'org' }), tenant('b', { parent: 'org' })],
        charges: { b: cpu(3) },
        ask: ['a', cpu(1)],
      },
      'FrameworkLimit',
      'framework org is at its limit of cpu: 3000m of 3000m charged, 1000m more needed',
    ],
    [
      'more pods than its limit, though no shares are taken of pods',
      { tenants: [tenant('a', { limit: { pods: 1 } })], charges: { a: { pods: 1 } }, ask: ['a', { pods: 1 }] },
      'FrameworkLimit',
      'framework a is at its limit of pods: 1 of 1 charged, 1 more needed',
    ],
    [
      'what others are guaranteed and do not lend',
      { tenants: [KEEPER, tenant('a')], charges: { keeper: cpu(1), a: cpu(2) }, ask: ['a', cpu(3)] },
      'FrameworkGuarantee',
      'framework a needs 3000m of cpu and may have 2000m: 7000m is free, of which 5000m is guaranteed to keeper and not lent',
    ],
    [
      'what several others are guaranteed, the first three by what they lack being named',
      {
        tenants: [
          tenant('a'),
          ...['b', 'c', 'd', 'e'].map((name, i) =>
            tenant(name, { guarantee: cpu(i + 1), lendingLimit: { cpu: 0 }, parent: 'org' }),
          ),
          tenant('org'),
        ],
        ask: ['a', cpu(1)],
      },
      'FrameworkGuarantee',
      'framework a needs 1000m of cpu and may have 0m: 10000m is free, of which 10000m is guaranteed to e, d, c and 1 more and not lent',
    ],
    [
      'what its sibling is guaranteed, though their parent is too',
      {
        tenants: [
          tenant('org', { guarantee: cpu(6), lendingLimit: cpu(0) }),
          tenant('own', { parent: 'org', guarantee: cpu(6), lendingLimit: cpu(0) }),
          tenant('a', { parent: 'org' }),
        ],
        charges: { a: cpu(4) },
        ask: ['a', cpu(1)],
      },
      'FrameworkGuarantee',
      'framework a needs 1000m of cpu and may have 0m: 6000m is free, of which 6000m is guaranteed to own and not lent',
    ],
    [
      'anything, when its parent is missing',
      { tenants: [tenant('a', { parent: 'gone' })], ask: ['a', cpu(1)] },
      'FrameworkNotFound',
      'framework a gets no offers: its parent, Framework "gone", does not exist: create it, or make "a" anew under another',
    ],
    [
      'anything, when its parents form a circle',
      { tenants: [tenant('a', { parent: 'b' }), tenant('b', { parent: 'a' })], ask: ['a', cpu(1)] },
      'ParentsInCircle',
      'framework a gets no offers: its parents form a circle (a → b → a): make one of them anew without a parent, or under another',
    ],
    [
      'anything, when nobody knows it',
      { tenants: [], ask: ['a', cpu(1)] },
      'FrameworkNotFound',
      'there is no framework a',
    ],
  ])('%s', (_what, asked, reason, message) => {
    expect(refusal(asked)).toEqual({ reason, message });
  });
});

describe('a tenant may have', () => {
  test.each<[string, Case]>([
    ['what is left beside what others are guaranteed', { tenants: [KEEPER, tenant('a')], ask: ['a', cpu(4)] }],
    [
      'what others are guaranteed and lend',
      { tenants: [{ ...KEEPER, lendingLimit: cpu(6) }, tenant('a')], ask: ['a', cpu(10)] },
    ],
    [
      'what an owner has already taken of its guarantee',
      { tenants: [KEEPER, tenant('a')], charges: { keeper: cpu(6) }, ask: ['a', cpu(4)] },
    ],
    [
      'its own unlendable share, even when the cluster is too small for all of them',
      { tenants: [KEEPER, { ...KEEPER, name: 'b' }], ask: ['keeper', cpu(6)] },
    ],
    [
      'what its parent keeps for all its children',
      {
        tenants: [
          tenant('org', { guarantee: cpu(10), lendingLimit: cpu(0) }),
          tenant('a', { parent: 'org' }),
          tenant('b'),
        ],
        ask: ['a', cpu(10)],
      },
    ],
    [
      'memory, when others are guaranteed CPU',
      { tenants: [KEEPER, tenant('a')], charges: { a: cpu(4) }, ask: ['a', amounts({ memory: '1Gi' })] },
    ],
    ['nothing at all, at its limit', { tenants: [tenant('a', { limit: cpu(0) })], ask: ['a', {}] }],
  ])('%s', (_what, asked) => {
    expect(refusal(asked)).toBeUndefined();
  });

  test('again what was charged and taken back', () => {
    const tree = contestTree({ totals: cpu(10), tenants: [KEEPER, tenant('a')] });
    tree.charge('a', cpu(4));
    expect(tree.refusal('a', cpu(1))?.reason).toBe('FrameworkGuarantee');
    tree.uncharge('a', cpu(4));
    expect(tree.refusal('a', cpu(4))).toBeUndefined();
    expect(tree.chargedTo('a')).toEqual({});
  });
});

test('an inner tenant is no place for apps, and says where they belong', () => {
  const tree = contestTree({ totals: cpu(1), tenants: [tenant('org'), tenant('a', { parent: 'org' })] });
  expect(tree.problemOf('org')).toEqual({
    reason: 'FrameworkNotLeaf',
    message: 'framework org has others below it (a), and apps belong on leaves: name one of these',
  });
  expect(tree.problemOf('a')).toBeUndefined();
});
