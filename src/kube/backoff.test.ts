import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { backoffSeconds } from './backoff.ts';
import { runs } from '../../test/support/law-runs.ts';

const LIMITS = { firstSeconds: 0.8, capSeconds: 30 };

test('delays double and stay under the cap', () => {
  expect([1, 2, 3, 6, 7, 2000].map((failures) => backoffSeconds(LIMITS, failures, 1))).toEqual([
    0.8, 1.6, 3.2, 25.6, 30, 30,
  ]);
});

test('a delay lies between half and all of its step', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const full = backoffSeconds(LIMITS, failures, 1);
      const seconds = backoffSeconds(LIMITS, failures, random);
      expect(seconds).toBeGreaterThanOrEqual(full / 2);
      expect(seconds).toBeLessThanOrEqual(full);
    }),
    runs(100),
  );
});
