import { expect, test } from '@jest/globals';
import { createTransformer } from './swc-transform.ts';

type AboutJest = Parameters<NonNullable<ReturnType<typeof createTransformer>['getCacheKey']>>[2];

function keyOf(source: string, configString: string, target: 'es2023' | 'es2024' = 'es2024'): string | undefined {
  const about = { config: { rootDir: '/r' }, instrument: false, supportsStaticESM: true, configString };
  return createTransformer({ jsc: { target } }).getCacheKey?.(source, '/r/a.ts', about as AboutJest);
}

test('what a file was compiled to is found again whatever else Jest is asked to run', () => {
  expect(keyOf('a', '{"testMatch":["one"]}')).toBe(keyOf('a', '{"testMatch":["another"]}'));
});

test('a file is compiled again when it changes, or how it is compiled', () => {
  expect(keyOf('b', '')).not.toBe(keyOf('a', ''));
  expect(keyOf('a', '', 'es2023')).not.toBe(keyOf('a', ''));
});
