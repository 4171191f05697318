// The programs as a shell sees them: what they print, and how they end.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..', '..');
const PLUGIN = join(ROOT, 'bin', 'kubectl-proffer');
const MAIN = join(ROOT, 'src', 'main.ts');

const run = (...args: readonly string[]) =>
  promisify(execFile)(process.execPath, [...args], { timeout: 20_000, maxBuffer: 16 * 1024 * 1024 });

describe('the command line', () => {
  test('the kubectl plugin tells what it can do, and where to look', async () => {
    expect((await run(PLUGIN)).stdout).toContain('kubectl get papp');
  });

  test('an unknown command is refused with exit code 2', async () => {
    await expect(run(PLUGIN, 'fly')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no command "fly"') as unknown,
    });
  });

  test('the plugin started by an older Node.js hands over to the pinned one, and ends as that does', async () => {
    const older = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.0.0' } })`;
    const by = ['--no-strip-types', '--import', `data:text/javascript,${encodeURIComponent(older)}`, PLUGIN];
    expect((await run(...by, 'explain', '--help')).stdout).toContain('kubectl proffer explain');
    await expect(run(...by, 'fly')).rejects.toMatchObject({ code: 2 });
  });

  test('every CRD is printed whole through a pipe', async () => {
    const { stdout } = await run(MAIN, 'crds');
    expect(stdout.match(/^kind: CustomResourceDefinition$/gm)).toHaveLength(6);
    expect(stdout.endsWith('\n')).toBe(true);
  });

  test('a wrong flag ends the operator with a sentence', async () => {
    await expect(run(MAIN, 'operator', '--log-level=loud')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--log-level must be one of') as unknown,
    });
  });
});
