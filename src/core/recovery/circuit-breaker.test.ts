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
