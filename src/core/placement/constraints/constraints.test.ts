import { describe, expect, test } from '@jest/globals';
import type { Constraint } from '../../allocator/demand.ts';
import { compileConstraint } from './registry.ts';

interface Row {
  readonly constraint: Omit<Constraint, 'key'>;
  /** Members per value. */
  readonly placed?: Record<string, number>;
  readonly admitted: readonly (string | undefined)[];
  readonly refused: readonly (string | undefined)[];
}

/** Values of the nodes that the app could use: racks r1, r2 and r3. `undefined` is a node without the label. */
const KNOWN = new Set(['r1', 'r2', 'r3']);

const TABLE: readonly (readonly [string, Row])[] = [
  [
    'Unique: no value twice',
    { constraint: { operator: 'Unique' }, placed: { r1: 1 }, admitted: ['r2', 'r3'], refused: ['r1', undefined] },
  ],
  [
    'MaxPer: so many per value',
    {
      constraint: { operator: 'MaxPer', value: '2' },
      placed: { r1: 2, r2: 1 },
      admitted: ['r2', 'r3'],
      refused: ['r1', undefined],
    },
  ],
  [
    'Cluster with a value: only that one, from the first member on',
    { constraint: { operator: 'Cluster', value: 'r2' }, admitted: ['r2'], refused: ['r1', undefined] },
  ],
  [
    'Cluster without a value: the first member goes anywhere with the label',
    { constraint: { operator: 'Cluster' }, admitted: ['r1', 'r2'], refused: [undefined] },
  ],
  [
    'Cluster without a value: the others follow the first',
    { constraint: { operator: 'Cluster' }, placed: { r1: 1 }, admitted: ['r1'], refused: ['r2', undefined] },
  ],
  [
    'Cluster that came later: members grow together where most are',
    { constraint: { operator: 'Cluster' }, placed: { r1: 1, r2: 2 }, admitted: ['r2'], refused: ['r1', 'r3'] },
  ],
  [
    'GroupBy without a number: every value that nodes have counts',
    {
      constraint: { operator: 'GroupBy' },
      placed: { r1: 1, r2: 1 },
      admitted: ['r3'],
      refused: ['r1', 'r2', undefined],
    },
  ],
  [
    'GroupBy without a number: a value that no usable node has any more (a lost zone) holds nobody up',
    { constraint: { operator: 'GroupBy' }, placed: { r1: 1, r2: 1, r3: 1 }, admitted: ['r1', 'r2', 'r3'], refused: [] },
  ],
  [
    'GroupBy with a number: new values until there are so many groups',
    {
      constraint: { operator: 'GroupBy', value: '3' },
      placed: { r1: 1, r2: 1 },
      admitted: ['r3', 'r9'],
      refused: ['r1', 'r2', undefined],
    },
  ],
  [
    'GroupBy with a number: then those with fewest members',
    {
      constraint: { operator: 'GroupBy', value: '2' },
      placed: { r1: 2, r2: 1 },
      admitted: ['r2', 'r3'],
      refused: ['r1'],
    },
  ],
  [
    'Like: the whole value matches',
    {
      constraint: { operator: 'Like', value: 'r[12]' },
      admitted: ['r1', 'r2'],
      refused: ['r3', 'r12', 'xr1', undefined],
    },
  ],
  [
    'Like: alternatives are anchored as a whole',
    { constraint: { operator: 'Like', value: 'r1|r2' }, admitted: ['r1', 'r2'], refused: ['r1x', 'xr2'] },
  ],
  ['Like: RE2’s (?i)', { constraint: { operator: 'Like', value: '(?i)R1' }, admitted: ['r1', 'R1'], refused: ['r2'] }],
  [
    'Like: RE2’s classes, names and anchors',
    {
      constraint: { operator: 'Like', value: String.raw`\Ar(?P<n>[[:digit:]]|[[:upper:]])\z` },
      admitted: ['r1', 'rX'],
      refused: ['rx', 'r11'],
    },
  ],
  [
    'Like: what cannot be read matches nothing',
    { constraint: { operator: 'Like', value: '(' }, admitted: [], refused: ['r1', '('] },
  ],
  [
    'Unlike: the whole value does not match; a node without the label is admitted',
    { constraint: { operator: 'Unlike', value: 'r[12]' }, admitted: ['r3', 'r12', undefined], refused: ['r1', 'r2'] },
  ],
  [
    'Unlike: what cannot be read admits nobody either',
    { constraint: { operator: 'Unlike', value: '(' }, admitted: [], refused: ['r1', undefined] },
  ],
  [
    'Is: exactly the value',
    { constraint: { operator: 'Is', value: 'r1' }, admitted: ['r1'], refused: ['r2', undefined] },
  ],
  [
    'IsNot: another value, or none',
    { constraint: { operator: 'IsNot', value: 'r1' }, admitted: ['r2', undefined], refused: ['r1'] },
  ],
];

describe('a constraint', () => {
  test.each(TABLE)('%s', (_name, { constraint, placed = {}, admitted, refused }) => {
    const check = compileConstraint({ key: 'rack', ...constraint }).against(
      new Map(Object.entries(placed)),
      () => KNOWN,
    );
    expect(admitted.filter((value) => !check.admits(value))).toEqual([]);
    expect(refused.filter((value) => check.admits(value))).toEqual([]);
    for (const value of refused) expect(check.explain(value)).not.toBe('');
  });

  test.each<[Constraint, Record<string, number>, string | undefined, string]>([
    [{ key: 'rack', operator: 'Unique' }, { r1: 1 }, undefined, 'has no label rack'],
    [{ key: '@zone', operator: 'Unique' }, { a: 1 }, undefined, 'has no zone'],
    [{ key: '@zone', operator: 'MaxPer', value: '2' }, { a: 2 }, 'a', '@zone a has 2 members of at most 2'],
    [{ key: '@zone', operator: 'Cluster' }, { a: 2 }, 'b', '@zone is b, the members belong on a'],
    [{ key: 'rack', operator: 'GroupBy' }, { r1: 1 }, 'r1', 'rack r1 has 1 members, the group with fewest has 0'],
    [
      { key: 'rack', operator: 'GroupBy', value: '4' },
      { r1: 1 },
      'r1',
      'rack r1 has 1 members, and only 1 of 4 groups have any',
    ],
    [
      { key: 'rack', operator: 'Like', value: '(' },
      {},
      'r1',
      '"(" cannot be used as a regular expression: missing closing ): `(`',
    ],
    [{ key: 'rack', operator: 'Is', value: 'r2' }, {}, 'r1', 'rack is r1, not r2'],
  ])('%j says why not, with numbers', (constraint, placed, value, message) => {
    const check = compileConstraint(constraint).against(new Map(Object.entries(placed)), () => KNOWN);
    expect(check.explain(value)).toBe(message);
  });
});
