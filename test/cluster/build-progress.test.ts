import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { buildProgress, minutesAndSeconds } from './build-progress.ts';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

test('a build says what it does every 15 seconds, and what is done', () => {
  const lines: string[] = [];
  const progress = buildProgress(['kwok', 'containerd'], (line) => lines.push(line));
  jest.advanceTimersByTime(15_000);
  progress.compiling(100);
  progress.packages(30);
  progress.packages(12);
  jest.advanceTimersByTime(15_000);
  progress.built('kwok');
  progress.stop();
  jest.advanceTimersByTime(60_000);
  expect(lines).toEqual([
    'Building kwok; containerd (once; minutes)',
    'Building … 15s: downloading sources',
    'Building … 30s: compiling, 42 of 100 packages',
    'Built kwok after 30s',
  ]);
});

test.each([
  [7.4, '7s'],
  [59.6, '1m00s'],
  [192, '3m12s'],
])('%p seconds are shown as %s', (seconds, shown) => {
  expect(minutesAndSeconds(seconds)).toBe(shown);
});
