import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isRunning, logPath, startComponent, startedComponents, stopComponents } from './component.ts';
import { identify, isAlive } from './processes.ts';
import { waitUntil } from './wait-until.ts';

let stateDir: string;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'proffer-component-'));
});

afterEach(async () => {
  await stopComponents(stateDir);
  rmSync(stateDir, { recursive: true, force: true });
});

const log = (name: string): string => readFileSync(logPath(stateDir, name), 'utf8');
const logHas = (name: string, text: RegExp): Promise<boolean> =>
  waitUntil(`"${text.source}" in the log`, () => text.test(log(name)), { timeoutSeconds: 10, everyMilliseconds: 20 });

describe('a component', () => {
  test('writes its output to its log and runs until it is stopped', async () => {
    const started = startComponent(stateDir, {
      name: 'talker',
      command: '/bin/sh',
      args: ['-c', 'echo hello; sleep 100'],
    });
    await logHas('talker', /hello/);
    expect(isRunning(stateDir, 'talker')).toBe(true);
    await stopComponents(stateDir, ['talker']);
    expect(isAlive(started)).toBe(false);
    expect(startedComponents(stateDir)).toEqual([]);
  });

  test('takes its children with it', async () => {
    startComponent(stateDir, { name: 'parent', command: '/bin/sh', args: ['-c', 'sleep 100 & echo child $!; wait'] });
    await logHas('parent', /child \d+/);
    const child = identify(Number(/child (\d+)/.exec(log('parent'))?.[1]));
    await stopComponents(stateDir);
    await waitUntil('the end of the child', () => child !== undefined && !isAlive(child), { timeoutSeconds: 10 });
  });

  test('starts again when it ends, if that was asked for', async () => {
    startComponent(stateDir, { name: 'again', command: '/bin/sh', args: ['-c', 'echo run; exit 3'], restart: true });
    await logHas('again', /run\n[^]*ended with 3[^]*run\n/);
    expect(isRunning(stateDir, 'again')).toBe(true);
  });

  test('that has ended is not mistaken for a later process with its number', () => {
    const own = identify(process.pid);
    expect(own).toBeDefined();
    expect(isAlive({ pid: process.pid, startTicks: (own?.startTicks ?? 0) - 1 })).toBe(false);
  });

  test('says which program is missing', () => {
    expect(() => startComponent(stateDir, { name: 'none', command: '/does/not/exist', args: [] })).toThrow(
      'none cannot be started: /does/not/exist is missing or not executable',
    );
  });
});
