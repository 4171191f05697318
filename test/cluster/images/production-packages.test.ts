import { expect, test } from '@jest/globals';
import { packageEntries, productionPackages } from './production-packages.ts';

test('the image has the packages that Proffer runs with, and none for development', () => {
  const packages = productionPackages();
  expect(packages).toContain('node_modules/fastify');
  expect(packages).toContain('node_modules/@kubernetes/client-node');
  expect(packages).not.toContain('node_modules/jest');
  expect(packages).not.toContain('node_modules/typescript');
});

test('the image has the pinned Node.js where the entry point looks for it', () => {
  const link = packageEntries().find(({ path }) => path === 'app/node_modules/.bin/node');
  expect(link).toMatchObject({ kind: 'link' });
  const target = link?.kind === 'link' ? link.target.replace('..', 'app/node_modules') : '';
  expect(packageEntries().some(({ kind, path }) => kind === 'file' && path === target)).toBe(true);
});

test('no path is in the image twice', () => {
  const paths = packageEntries().map(({ path }) => path);
  const twice = paths.filter((path, index) => paths.indexOf(path) !== index);
  expect(twice).toEqual([]);
});
