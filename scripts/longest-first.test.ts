import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { LATE_FILES, LONG_FILES } from '../test/tiers.ts';
import { longestFirst } from './longest-first.ts';

test('the longest files are begun first, in their order, and the others as they come', () => {
  const paths = ['/r/test/integration/b.test.ts', ...LONG_FILES.map((name) => `/r/test/${name}.test.ts`).toReversed()];
  const sorted = longestFirst([...paths, '/r/test/integration/a.test.ts'].map((path) => ({ path })));
  expect(sorted.map(({ path }) => path)).toEqual([
    ...paths.slice(1).toReversed(),
    '/r/test/integration/b.test.ts',
    '/r/test/integration/a.test.ts',
  ]);
});

test('every file that is said to take long, or to wait for the last round, exists', () => {
  const test = join(import.meta.dirname, '..', 'test');
  expect([...LONG_FILES, ...LATE_FILES].filter((name) => !existsSync(join(test, `${name}.test.ts`)))).toEqual([]);
});
