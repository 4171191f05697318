import { describe, expect, test } from '@jest/globals';
import { amounts, tenant } from '../../../test/support/core-builders.ts';
import type { Tenant } from '../allocator/decision.ts';
import type { Resources } from '../resources/resources.ts';
import { treeProblems } from './tree-problems.ts';

const cpu = (count: number) => amounts({ cpu: count });

function told(tenants: readonly Tenant[], charges: Readonly<Record<string, Resources>> = {}): readonly string[] {
  const problems = treeProblems(tenants, new Map(Object.entries(charges)));
  return [...problems].flatMap(([name, list]) => list.map(({ reason, message }) => `${name} ${reason}: ${message}`));
}

describe('of a tree of tenants is told', () => {
  test.each<[string, readonly Tenant[], Readonly<Record<string, Resources>>, readonly string[]]>([
    ['nothing when all is well', [tenant('org'), tenant('a', { parent: 'org', guarantee: cpu(1) })], {}, []],
    [
      'a parent that is missing, to those below as well',
      [tenant('a', { parent: 'gone' }), tenant('b', { parent: 'a' })],
      {},
      [
        'a FrameworkNotFound: its parent, Framework "gone", does not exist: create it, or make "a" anew under another',
        'b FrameworkNotFound: the parent of a above it, Framework "gone", does not exist: create it, or make "a" anew under another',
      ],
    ],
    [
      'a circle, to those below as well',
      [tenant('a', { parent: 'b' }), tenant('b', { parent: 'a' }), tenant('c', { parent: 'b' })],
      {},
      [
        'a ParentsInCircle: its parents form a circle (a → b → a): make one of them anew without a parent, or under another',
        'b ParentsInCircle: its parents form a circle (b → a → b): make one of them anew without a parent, or under another',
        'c ParentsInCircle: the frameworks above it form a circle (b → a → b): make one of them anew without a parent, or under another',
      ],
    ],
    [
      'that one is its own parent',
      [tenant('a', { parent: 'a' })],
      {},
      [
        'a ParentsInCircle: its parents form a circle (a → a): make one of them anew without a parent, or under another',
      ],
    ],
    [
      'a guarantee above the parent’s',
      [tenant('org', { guarantee: cpu(2) }), tenant('a', { parent: 'org', guarantee: cpu(3) })],
      {},
      ['org GuaranteeTooLarge: a below it is guaranteed 3000m of cpu, more than the 2000m that org is'],
    ],
    [
      'guarantees that add up to more than the parent’s',
      [
        tenant('org', { guarantee: cpu(3) }),
        tenant('a', { parent: 'org', guarantee: cpu(2) }),
        tenant('b', { parent: 'org', guarantee: cpu(2) }),
      ],
      {},
      ['org GuaranteeTooLarge: those below it are guaranteed 4000m of cpu together, more than the 3000m that it is'],
    ],
    [
      'a limit below the guarantee',
      [tenant('a', { guarantee: cpu(3), limit: cpu(2) })],
      {},
      ['a LimitTooLow: it is guaranteed 3000m of cpu, and its limit is 2000m: raise the limit or lower the guarantee'],
    ],
    [
      'a limit below what runs, with what that means',
      [tenant('org', { limit: cpu(2) }), tenant('a', { parent: 'org' })],
      { a: cpu(3) },
      ['org FrameworkLimit: 3000m of cpu charged, and the limit is 2000m: what runs stays, and nothing new starts'],
    ],
    [
      'lending of more than is guaranteed',
      [tenant('a', { guarantee: cpu(1), lendingLimit: amounts({ cpu: 2, memory: '1Gi' }) })],
      {},
      [
        'a LendingTooLarge: it lends up to 2000m of cpu, and is guaranteed 1000m: lower spec.lendingLimit',
        'a LendingTooLarge: it lends up to 1Gi of memory, and is guaranteed 0: lower spec.lendingLimit',
      ],
    ],
    [
      'apps on an inner node',
      [tenant('org'), tenant('a', { parent: 'org' })],
      { org: cpu(1) },
      [
        'org FrameworkNotLeaf: apps of its own hold slots, and it has others below it (a): name one of these in spec.framework of apps of org; what runs stays',
      ],
    ],
  ])('%s', (_what, tenants, charges, expected) => {
    expect(told(tenants, charges)).toEqual(expected);
    expect(told(tenants.toReversed(), charges).toSorted()).toEqual(expected.toSorted());
  });
});
