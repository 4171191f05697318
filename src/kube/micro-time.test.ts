import { expect, test } from '@jest/globals';
import { microTime } from './micro-time.ts';

test.each([
  [0, '1970-01-01T00:00:00.000000Z'],
  [1_767_323_045.123456, '2026-01-02T03:04:05.123456Z'],
  [1_767_323_045.5, '2026-01-02T03:04:05.500000Z'],
  [1_767_323_045.000001, '2026-01-02T03:04:05.000001Z'],
])('%s s is %s, with six fractional digits', (seconds, text) => {
  expect(microTime(seconds)).toBe(text);
});
