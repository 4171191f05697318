import {
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
  fsyncSync,
  closeSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { run } from '../command.ts';
import { fence } from './fencing.ts';
import { type FileSystem, makeFileSystem, mountDevice } from './file-system.ts';
import { attachLoop, detachLoop, limitLoop, loopDevices } from './loop-device.ts';
import { unmountAll } from './mount-table.ts';
import { MAY_MOUNT } from './test-array.ts';

const MIB = 2 ** 20;

/** Appends and waits until it is on the device. */
function append(path: string, text: string): void {
  const file = openSync(path, 'a');
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

(MAY_MOUNT ? describe : describe.skip)('a fenced device (needs root: skipped for others)', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'proffer-fencing-'));
  });
  afterEach(async () => {
    for (const name of ['old', 'new']) await unmountAll(join(folder, name));
    expect(loopDevices(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  });

  const mountOf = async (image: string, name: string, type: FileSystem): Promise<string> => {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true });
    const device = await attachLoop(image);
    await mountDevice(device, path, type, []);
    await detachLoop(device, image);
    return path;
  };

  test.each([
    ['xfs', 320],
    ['ext4', 32],
  ] as const)(
    'refuses writes of a mounted %s, and a second mount has all that was acknowledged',
    async (type, mebibytes) => {
      const image = join(folder, 'image');
      writeFileSync(image, '');
      truncateSync(image, mebibytes * MIB);
      await makeFileSystem(image, type);
      const old = await mountOf(image, 'old', type);
      for (let line = 1; line <= 20; line++) append(join(old, 'log'), `${line}\n`);

      expect(await fence(image)).toBe(1);
      expect(() => append(join(old, 'log'), 'late\n')).toThrow(/EIO|EROFS/);
      const second = await mountOf(image, 'new', type);
      expect(readFileSync(join(second, 'log'), 'utf8').split('\n').slice(0, -1).map(Number)).toEqual(
        Array.from({ length: 20 }, (_, index) => index + 1),
      );
      append(join(second, 'log'), '21\n');

      // The old mount goes away late, and must not write anything then.
      await unmountAll(old);
      await unmountAll(second);
      await run(type === 'xfs' ? 'xfs_repair' : 'e2fsck', ['-n', ...(type === 'xfs' ? [] : ['-f']), image]);
      const third = await mountOf(image, 'new', type);
      expect(readFileSync(join(third, 'log'), 'utf8')).toContain('21\n');
    },
  );

  test('is fenced once: a second time finds nothing to do', async () => {
    const image = join(folder, 'image');
    writeFileSync(image, '');
    truncateSync(image, 32 * MIB);
    await makeFileSystem(image, 'ext4');
    await mountOf(image, 'old', 'ext4');
    expect([await fence(image), await fence(image)]).toEqual([1, 0]);
  });

  test('is never another image’s device', async () => {
    const [mine, other] = [join(folder, 'mine'), join(folder, 'other')];
    for (const image of [mine, other]) {
      writeFileSync(image, '');
      truncateSync(image, 32 * MIB);
    }
    const device = await attachLoop(other);
    try {
      expect(await limitLoop(device, mine, 512)).toBe(false);
      expect(loopDevices(other)).toMatchObject([{ sizeLimit: 0 }]);
    } finally {
      await detachLoop(device, mine);
      expect(loopDevices(other)).toHaveLength(1);
      await detachLoop(device, other);
    }
    expect(loopDevices(other)).toEqual([]);
  });
});
