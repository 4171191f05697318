import { describe, expect, test } from '@jest/globals';
import { minutesAndSeconds } from './build-tools.ts';
import { TOOL_MODULES, compareVersions, neededGoVersion, toolModuleHash } from './tool-modules.ts';

test.each([
  ['1.26.0', '1.26.6', -1],
  ['1.26.10', '1.26.6', 1],
  ['1.26', '1.26.0', 0],
  ['2.0.0', '1.99.99', 1],
])('version %s against %s', (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
});

test('the needed Go is the newest that a module asks for', () => {
  expect(neededGoVersion()).toMatch(/^1\.\d+\.\d+$/);
  expect(compareVersions(neededGoVersion(), '1.26.0')).toBeGreaterThanOrEqual(0);
});

describe('the hash of a tool module', () => {
  test('is the same each time, and another for each module', () => {
    const hashes = Object.values(TOOL_MODULES).map(toolModuleHash);
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(Object.values(TOOL_MODULES).map(toolModuleHash)).toEqual(hashes);
  });
});

test.each([
  [7.4, '7s'],
  [59.6, '1m00s'],
  [192, '3m12s'],
])('%p seconds are shown as %s', (seconds, shown) => {
  expect(minutesAndSeconds(seconds)).toBe(shown);
});
