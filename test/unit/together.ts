// The unit tests of many files in one of Jest's worlds. Jest gives each test file its own, and loads itself and all that the file imports
// anew for it: for eighty small files that is most of the time. Files therefore share modules here, as they do in the programs; a test
// must leave nothing behind in them. One file by itself: npm run test:unit -- src/kube/lease.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDERS = ['src', 'scripts'];

/** Which files run together: about equally long, since each group runs beside the others. */
export type Group = 'core' | 'kube' | 'programs';

function groupOf(path: string): Group {
  if (/^(src\/(api|core)|scripts)\//.test(path)) return 'core';
  // Kubernetes' own client takes a second to load, and the command line is all that needs it beside src/kube.
  return /^src\/(kube|cli)\//.test(path) ? 'kube' : 'programs';
}

/** Defines every test of the group. A file that does not load is a test that fails; the others run. */
export function defineTests(group: Group): void {
  for (const path of testFiles().filter((file) => groupOf(file) === group)) describe(path, () => load(path));
}

function testFiles(): readonly string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
  )
    .filter((path) => path.endsWith('.test.ts'))
    .sort();
}

// Not import(): the tests and hooks of a file belong to its `describe`, which must not be a promise.
const require = createRequire(import.meta.url);

function load(path: string): void {
  try {
    require(join(ROOT, path));
  } catch (error) {
    test('loads', () => {
      throw error;
    });
  }
}
