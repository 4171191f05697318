import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { withFileLock } from './file-lock.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'proffer-lock-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('two who want the lock work one after the other', async () => {
  const path = join(folder, 'lock');
  const seen: string[] = [];
  const work = (name: string) =>
    withFileLock(path, { timeoutSeconds: 10 }, async () => {
      seen.push(`${name} in`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      seen.push(`${name} out`);
    });
  await Promise.all([work('a'), work('b')]);
  expect(seen).toHaveLength(4);
  expect(seen[0]?.[0]).toBe(seen[1]?.[0]);
  expect(seen[2]?.[0]).toBe(seen[3]?.[0]);
});

test('the lock of a dead process is nobody’s', async () => {
  const path = join(folder, 'lock');
  writeFileSync(path, JSON.stringify({ pid: 999_999_999, startTicks: 1 }));
  await expect(withFileLock(path, { timeoutSeconds: 5 }, async () => 'done')).resolves.toBe('done');
});

test('the lock is free after a failure', async () => {
  const path = join(folder, 'lock');
  await expect(withFileLock(path, { timeoutSeconds: 5 }, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(withFileLock(path, { timeoutSeconds: 5 }, async () => 'done')).resolves.toBe('done');
});
