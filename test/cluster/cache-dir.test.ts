import { homedir } from 'node:os';
import { expect, test } from '@jest/globals';
import { cacheDir } from './cache-dir.ts';

test.each([
  [{ PROFFER_CACHE: '/own', XDG_CACHE_HOME: '/xdg' }, '/own'],
  [{ XDG_CACHE_HOME: '/xdg' }, '/xdg/proffer'],
  [{}, `${homedir()}/.cache/proffer`],
])('with %p the cache is %s', (environment, expected) => {
  expect(cacheDir(environment)).toBe(expected);
});
