import { expect, test } from '@jest/globals';
import { classDrift } from './class-drift.ts';

test.each<[string, object, object, readonly string[]]>([
  ['nothing is other', { a: 1, p: { x: '1' } }, { a: 1, p: { x: '1' }, q: 2 }, []],
  ['a value is other', { a: 'Retain' }, { a: 'Delete' }, ['a is "Delete" and the pool says "Retain"']],
  ['a parameter is other', { p: { type: 'gp3' } }, { p: { type: 'gp2' } }, ['p.type is "gp2" and the pool says "gp3"']],
  ['a parameter is too much', { p: {} }, { p: { iops: '9' } }, ['p.iops is "9" and the pool says (nothing)']],
  ['a parameter is missing', { p: { iops: '9' } }, {}, ['p.iops is (nothing) and the pool says "9"']],
  ['false was left out', { a: false }, {}, []],
])('drift is told with both values: %s', (_, desired, live, drift) => {
  expect(classDrift({ ...desired }, { ...live }, ['a', 'p'])).toEqual(drift);
});
