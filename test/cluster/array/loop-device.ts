import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError, run } from '../command.ts';

/** A loop device and the image file behind it. */
export interface LoopDevice {
  readonly device: string;
  readonly image: string;
  /** Bytes of the image that it shows; 0: all. */
  readonly sizeLimit: number;
}

const IOCTL = join(import.meta.dirname, 'block-ioctl.pl');

const BLOCK_DEVICES = '/sys/block';

/** All loop devices of this machine with this image, or with an image in this folder. */
export function loopDevices(imageOrFolder: string): readonly LoopDevice[] {
  return readdirSync(BLOCK_DEVICES)
    .filter((name) => name.startsWith('loop'))
    .map(readLoop)
    .filter((loop) => loop !== undefined)
    .filter(({ image }) => image === imageOrFolder || image.startsWith(`${imageOrFolder}/`));
}

/** Undefined for a device that is free, perhaps since a moment ago. */
function readLoop(name: string): LoopDevice | undefined {
  const attribute = (key: string): string => readFileSync(join(BLOCK_DEVICES, name, 'loop', key), 'utf8').trim();
  try {
    // The kernel adds this to the name of a file that was removed.
    const image = attribute('backing_file').replace(/ \(deleted\)$/, '');
    return { device: `/dev/${name}`, image, sizeLimit: Number(attribute('sizelimit')) };
  } catch {
    return undefined;
  }
}

/** A new loop device on the image; it stays until detachLoop. */
export async function attachLoop(image: string): Promise<string> {
  return (await run('losetup', ['--find', '--show', image])).trim();
}

/**
 * Frees the device now, or as soon as nothing is mounted from it. Nothing when it does not belong to the image any more: the last unmount
 * frees a device that was detached before, and its name may be somebody else's a moment later.
 */
export async function detachLoop(device: string, image: string): Promise<void> {
  await run('perl', [IOCTL, 'detach', device, image]);
}

/** After the image grew. */
export async function showNewSize(device: string): Promise<void> {
  await run('losetup', ['--set-capacity', device]);
}

/**
 * Bounds what the device shows of the image, at once, also while it is mounted: reads and writes behind the bound fail with EIO. The
 * kernel lets running requests end first. Returns false when the device no longer belongs to the image: it was freed.
 */
export async function limitLoop(device: string, image: string, bytes: number): Promise<boolean> {
  const { dev, ino } = statSync(image);
  try {
    await run('perl', [IOCTL, 'limit', device, String(dev), String(ino), String(bytes)]);
    return true;
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === 3) return false;
    throw error;
  }
}

/** The command that makes a mounted file system stand still now and then; it ends when its standard input does. */
export function stallCommand(folder: string, stallMilliseconds: number, runMilliseconds: number): readonly string[] {
  return ['perl', IOCTL, 'stall', folder, String(stallMilliseconds), String(runMilliseconds)];
}
