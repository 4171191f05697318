import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { leaveToPerson, refuseWhenInUse, takeOwnership } from './owner.ts';

let stateDir: string;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'proffer-owner-'));
});

afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

test('a cluster of a living process is not taken from it', () => {
  takeOwnership(stateDir);
  expect(() => refuseWhenInUse(4, stateDir)).toThrow(`Cluster 4 belongs to process ${process.pid}, which still runs.`);
});

test('a cluster that a person has started is named with the command that stops it', () => {
  takeOwnership(stateDir);
  leaveToPerson(stateDir);
  expect(() => refuseWhenInUse(4, stateDir)).toThrow('npm run cluster -- down --index=4');
});

test.each([
  ['nothing', undefined],
  ['a dead process', { kind: 'process', process: { pid: 999_999_999, startTicks: 1 } }],
])('what belongs to %s may be taken', (_name, owner) => {
  if (owner !== undefined) writeFileSync(join(stateDir, 'owner.json'), JSON.stringify(owner));
  expect(() => refuseWhenInUse(4, stateDir)).not.toThrow();
});
