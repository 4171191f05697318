import { describe, expect, test } from '@jest/globals';
import { TOOL_MODULES, type ToolModule, compareVersions, neededGoVersion, toolModuleHash } from './tool-modules.ts';

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

  test.each<[string, Partial<ToolModule>]>([
    ['the programs', { programs: ['./coredns'] }],
    ['the build tags', { tags: ['no_zfs'] }],
    ['the files beside them', { files: [{ module: 'k8s.io/kubelet', path: 'README.md' }] }],
    ['a new name', { rename: { kubectl: 'k' } }],
  ])('changes with %s', (_, change) => {
    const { kubernetes } = TOOL_MODULES;
    expect(toolModuleHash({ ...kubernetes, ...change })).not.toBe(toolModuleHash(kubernetes));
  });
});
