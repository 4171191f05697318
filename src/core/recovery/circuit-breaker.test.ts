import { expect, test } from '@jest/globals';
import { breakerProblem } from './circuit-breaker.ts';

test.each([
  [0, 3, false],
  [1, 3, false],
  [1, 1, false],
  [2, 3, true],
  [2, 10, false],
  [2, 9, true],
  [20, 100, false],
  [21, 100, true],
])('with %d of %d nodes dead the breaker is open: %s', (dead, nodes, isOpen) => {
  expect(breakerProblem({ dead, nodes }) !== undefined).toBe(isOpen);
});

test.each([
  [50, 2, 4, false],
  [50, 3, 4, true],
  [0, 1, 3, false],
  [0, 2, 100, true],
  [100, 3, 3, false],
])('where the chart allows %d %%, with %d of %d nodes dead it is open: %s', (mostPercent, dead, nodes, isOpen) => {
  expect(breakerProblem({ dead, nodes, mostPercent }) !== undefined).toBe(isOpen);
});

test('what it says has the numbers, the chart value, and what lets members go all the same', () => {
  expect(breakerProblem({ dead: 2, nodes: 3 })).toMatch(
    /^2 of 3 nodes .* more than 20 % \(chart value recovery\.breakerPercent\).*declared out of service$/,
  );
});
