import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildTools } from '../build-tools.ts';
import { cacheDir } from '../cache-dir.ts';
import { run } from '../command.ts';
import { findGo } from '../go-toolchain.ts';
import type { ArrayControl } from './array-control.ts';
import { controllerSocket, nodeSocket } from './driver-name.ts';
import { loopDevices } from './loop-device.ts';
import { startArray } from './start-array.ts';
import { MAY_MOUNT } from './test-array.ts';

const MODULE = join(import.meta.dirname, 'sanity');

/** Kubernetes' own conformance test of CSI drivers, built at first use. Its module is apart: it needs a newer CSI specification. */
async function sanityProgram(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(MODULE, file)));
  const folder = join(cacheDir(), 'tools', `csi-sanity-${hash.digest('hex').slice(0, 16)}`);
  if (!existsSync(folder)) {
    const temporary = `${folder}.${process.pid}`;
    mkdirSync(temporary, { recursive: true });
    const go = await findGo((line) => console.log(line));
    const args = ['build', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w', '-o', `${temporary}/`, 'tool'];
    await run(go, args, {
      cwd: MODULE,
      env: { GOTOOLCHAIN: 'local', GOFLAGS: '', CGO_ENABLED: '0' },
      timeoutSeconds: 600,
    });
    renameSync(temporary, folder);
  }
  return join(folder, 'csi-sanity');
}

(MAY_MOUNT ? describe : describe.skip)('csi-sanity (needs root: skipped for others)', () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'proffer-sanity-'));
  const kubeletRoot = join(stateDir, 'n1');
  let array: ArrayControl | undefined;
  let program = '';
  beforeAll(async () => {
    const [binDir = ''] = await buildTools(['kubernetes'], (line) => console.log(line));
    program = await sanityProgram();
    const nodes = [{ name: 'n1', kubeletRoot, attachLimit: 4 }];
    array = await startArray({ stateDir, nodes, binDir, kubeconfigPath: '', sidecars: false, strictNodes: true });
  }, 900_000);
  afterAll(async () => {
    await array?.stop();
    rmSync(stateDir, { recursive: true, force: true });
  }, 30_000);

  test('finds nothing wrong', async () => {
    // What failed is on its standard output; what it does meanwhile is on the other one.
    const output = await run(
      'sh',
      [
        '-c',
        'exec "$@" 2>/dev/null',
        'csi-sanity',
        program,
        `--csi.endpoint=unix://${nodeSocket(kubeletRoot)}`,
        `--csi.controllerendpoint=unix://${controllerSocket(stateDir)}`,
        `--csi.stagingdir=${join(stateDir, 'staging')}`,
        `--csi.mountdir=${join(stateDir, 'target')}`,
        '--csi.testvolumesize=1073741824',
        '--csi.testvolumeexpandsize=2147483648',
        '--csi.testnodevolumeattachlimit=true',
        '--ginkgo.no-color',
      ],
      { timeoutSeconds: 300 },
    );
    const [, passed = '0', failed = ''] = /(\d+) Passed \| (\d+) Failed/.exec(output) ?? [];
    console.log(`csi-sanity: ${passed} passed, ${failed} failed`);
    expect(failed).toBe('0');
    expect(Number(passed)).toBeGreaterThan(70);
    expect(await array?.volumes()).toEqual([]);
    expect(loopDevices(stateDir)).toEqual([]);
  }, 320_000);
});
