import { expect, test } from '@jest/globals';
import { SHORT_STAYS } from '../support/fair-day-kinds.ts';
import { simulateDay } from '../support/fair-day.ts';

// An hour at the pace of 10,000 arrivals a day; `npm run bench -- fairness` runs the whole day.
test('no framework with pending demand stays more than 5 % below its fair share for more than a minute', () => {
  const seconds = 3_600;
  const hours = simulateDay({ arrivals: (10_000 * seconds) / 86_400, seconds, seed: 7, kind: SHORT_STAYS });
  expect(hours.contended).toBeGreaterThan(0.2);
  expect(hours.longestSeconds).toBeLessThanOrEqual(60);
  expect(hours.meanShortfall).toBeLessThan(0.03);
});
