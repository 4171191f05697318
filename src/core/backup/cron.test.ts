import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { CronError, parseCron } from './cron.ts';
import { lastTime, nextTime } from './cron-times.ts';
import { runs } from '../../../test/support/law-runs.ts';

const at = (text: string) => Date.parse(text) / 1000;
const show = (seconds: number | undefined) =>
  seconds === undefined ? 'never' : new Date(seconds * 1000).toISOString().slice(0, 16);

describe('the next time of', () => {
  // 2026-01-02 is a Friday.
  test.each([
    ['0 3 * * *', '2026-01-02T03:00'],
    ['*/15 * * * *', '2026-01-02T02:15'],
    ['5/20 * * * *', '2026-01-02T02:05'],
    ['30 1 * * *', '2026-01-03T01:30'],
    ['0 0 * * sun', '2026-01-04T00:00'],
    ['0 0 * * 7', '2026-01-04T00:00'],
    ['0 0 * * Mon-Fri', '2026-01-05T00:00'],
    ['0 0 1 * *', '2026-02-01T00:00'],
    ['0 0 29 feb *', '2028-02-29T00:00'],
    ['0 12 1,15 3-5 *', '2026-03-01T12:00'],
    ['0 0 13 * fri', '2026-01-09T00:00'],
    ['0 0 31 2 *', 'never'],
    ['  0   3 * * *  ', '2026-01-02T03:00'],
  ])('%s', (line, expected) => {
    expect(show(nextTime(parseCron(line), at('2026-01-02T02:00:00Z')))).toBe(expected);
  });
});

describe('the last time of', () => {
  test.each([
    ['0 3 * * *', '2026-01-05T02:59', '2026-01-01T00:00', '2026-01-04T03:00'],
    ['0 3 * * *', '2026-01-05T03:00', '2026-01-01T00:00', '2026-01-05T03:00'],
    ['0 3 * * *', '2026-01-05T12:00', '2026-01-05T03:00', 'never'],
    ['0 3 * * *', '2026-01-05T12:00', '2026-01-05T02:59', '2026-01-05T03:00'],
    ['0 0 29 2 *', '2027-01-01T00:00', '2020-01-01T00:00', '2024-02-29T00:00'],
  ])('%s at %s since %s', (line, now, since, expected) => {
    expect(show(lastTime(parseCron(line), at(`${now}:00Z`), at(`${since}:00Z`)))).toBe(expected);
  });
});

test.each([
  ['', '0 fields'],
  ['0 3 * *', '4 fields'],
  ['0 3 * * * *', '6 fields'],
  ['60 * * * *', '"60" is no minute'],
  ['* 24 * * *', '"24" is no hour'],
  ['* * 0 * *', '"0" is no day of the month'],
  ['* * * 13 *', '"13" is no month: use *, 1 to 12 or jan to dec'],
  ['* * * * 8', '"8" is no day of the week'],
  ['*/0 * * * *', '"*/0" is no minute'],
  ['9-5 * * * *', '"9-5" is no minute'],
  ['1,,2 * * * *', '"" is no minute'],
  ['@daily', '1 fields'],
])('"%s" is told with what is wrong', (line, words) => {
  expect(() => parseCron(line)).toThrow(CronError);
  expect(() => parseCron(line)).toThrow(words);
});

const list = (least: number, most: number) =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min: least, max: most }).map(String),
    fc
      .tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most }))
      .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    fc.integer({ min: 1, max: 20 }).map((step) => `*/${step}`),
  );

test('a line is due at exactly the minutes that a look at every minute finds', () => {
  const line = fc.tuple(list(0, 59), list(0, 23), list(1, 31), list(1, 12), list(0, 7)).map((parts) => parts.join(' '));
  fc.assert(
    fc.property(
      line,
      fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') }),
      (text, from) => {
        const cron = parseCron(text);
        const found = nextTime(cron, from);
        const isDue = (seconds: number) => {
          const date = new Date(seconds * 1000);
          return (
            cron.isDue(date) && cron.hours.includes(date.getUTCHours()) && cron.minutes.includes(date.getUTCMinutes())
          );
        };
        const minutes = Array.from({ length: 3000 }, (_, step) => (Math.floor(from / 60) + 1 + step) * 60);
        const expected = minutes.find(isDue);
        if (expected === undefined) expect(found ?? Infinity).toBeGreaterThan(minutes.at(-1) ?? 0);
        else expect(found).toBe(expected);
        if (found !== undefined) expect(lastTime(cron, found + 59, from)).toBe(lastTime(cron, found, from));
      },
    ),
    runs(100),
  );
});
