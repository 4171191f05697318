import { describe, expect, test } from '@jest/globals';
import type { Constraint } from '../../api/placement.ts';
import { impossibleConstraint } from './impossible-constraint.ts';

const is = (value: string): Constraint => ({ key: '@zone', operator: 'Is', value });

describe('constraints that no cluster can keep', () => {
  test.each<[string, Constraint[], string]>([
    ['two values at once', [is('a'), is('b')], 'Is on @zone (a) and Is on @zone (b) cannot both hold'],
    [
      'a value that is forbidden',
      [is('a'), { key: '@zone', operator: 'IsNot', value: 'a' }],
      'IsNot on @zone (a) cannot both hold',
    ],
    ['a value that matches Unlike', [is('a1'), { key: '@zone', operator: 'Unlike', value: 'a.*' }], 'cannot both hold'],
    ['a value that Like leaves out', [is('b'), { key: '@zone', operator: 'Like', value: 'a|c' }], 'cannot both hold'],
    [
      'unique members on one value',
      [is('a'), { key: '@zone', operator: 'Unique' }],
      'puts all 3 members on one value, and Unique on @zone allows 1',
    ],
    [
      'more than MaxPer in a cluster',
      [
        { key: '@zone', operator: 'Cluster' },
        { key: '@zone', operator: 'MaxPer', value: '2' },
      ],
      'allows 2 there',
    ],
    [
      'alternatives that are all forbidden, each by another constraint',
      [
        { key: '@zone', operator: 'Like', value: 'a|b' },
        { key: '@zone', operator: 'IsNot', value: 'a' },
        { key: '@zone', operator: 'Unlike', value: '[b-z]' },
      ],
      'Like on @zone (a|b), IsNot on @zone (a) and Unlike on @zone ([b-z]) leave no value on which all hold: remove one of them',
    ],
    [
      'more members than the named values have room for',
      [
        { key: 'rack', operator: 'Like', value: 'r1|r2' },
        { key: 'rack', operator: 'Unique' },
      ],
      'Like on rack (r1|r2) puts all 3 members on 2 values, and Unique on rack allows 1 on each: remove one of the two, or ask for 2 replicas',
    ],
    [
      'more groups than the named values',
      [
        { key: 'rack', operator: 'Like', value: 'r1|r2' },
        { key: 'rack', operator: 'GroupBy', value: '3' },
      ],
      'GroupBy on rack (3) allows 1 on each',
    ],
    [
      'groups where all members share a value',
      [
        { key: 'rack', operator: 'GroupBy', value: '3' },
        { key: 'rack', operator: 'Cluster' },
      ],
      'GroupBy on rack (3) allows 1 there',
    ],
    [
      'two values to share',
      [
        { key: 'rack', operator: 'Cluster', value: 'r1' },
        { key: 'rack', operator: 'Cluster', value: 'r2' },
      ],
      'cannot both hold',
    ],
    [
      'an expression that is none',
      [{ key: '@zone', operator: 'Like', value: '(' }],
      '"(" cannot be used as a regular expression (missing closing ): `(`)',
    ],
    ['MaxPer of nothing', [{ key: '@zone', operator: 'MaxPer', value: '0' }], 'is not a whole number from 1'],
  ])('%s', (_what, constraints, message) => {
    expect(impossibleConstraint(constraints, 3)?.message).toContain(message);
  });

  test.each<[string, Constraint[], number]>([
    ['the same value twice', [is('a'), is('a')], 3],
    ['values of different keys', [is('a'), { key: '@region', operator: 'Is', value: 'b' }], 3],
    ['a single unique member on a named value', [is('a'), { key: '@zone', operator: 'Unique' }], 1],
    ['Like that admits the value', [is('b'), { key: '@zone', operator: 'Like', value: 'a|b' }], 3],
    [
      'alternatives of which one is left',
      [
        { key: '@zone', operator: 'Like', value: 'a|b' },
        { key: '@zone', operator: 'IsNot', value: 'a' },
      ],
      3,
    ],
    [
      'as many values as members',
      [
        { key: 'rack', operator: 'Like', value: 'r1|r2|r3' },
        { key: 'rack', operator: 'Unique' },
      ],
      3,
    ],
    [
      'groups on two values for two members',
      [
        { key: 'rack', operator: 'Like', value: 'r1|r2' },
        { key: 'rack', operator: 'GroupBy', value: '2' },
      ],
      9,
    ],
    ['an expression in RE2’s way', [{ key: 'rack', operator: 'Like', value: '(?i)R[[:digit:]]' }], 3],
    ['none at all', [], 3],
  ])('not: %s', (_what, constraints, replicas) => {
    expect(impossibleConstraint(constraints, replicas)).toBeUndefined();
  });
});
