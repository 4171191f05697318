import { expect, test } from '@jest/globals';
import { retryAfterSeconds } from './http-exchange.ts';

test.each([
  ['12', 12],
  ['0', 0],
  ['Fri, 02 Jan 2026 03:04:15 GMT', 10],
  ['Fri, 02 Jan 2026 03:03:00 GMT', 0],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined],
])('Retry-After %s means %s seconds', (header, seconds) => {
  expect(retryAfterSeconds(header, 1_767_323_045)).toBe(seconds);
});
