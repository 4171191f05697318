import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { detachLoop, loopDevices } from './array/loop-device.ts';
import { tryRun } from './command.ts';

/** Spaces and the like are octal in /proc/self/mountinfo (proc(5)). */
const unescape = (path: string): string =>
  path.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));

/** Mount points at or below the folder, innermost first. */
export function mountsUnder(
  folder: string,
  mountinfo = readFileSync('/proc/self/mountinfo', 'utf8'),
): readonly string[] {
  return mountinfo
    .split('\n')
    .map((line) => unescape(line.split(' ')[4] ?? ''))
    .filter((point) => point === folder || point.startsWith(`${folder}/`))
    .toReversed();
}

/** Unmounts everything below the folder; what is busy is detached and goes with its last user. Stacked mounts need several rounds. */
export async function unmountUnder(folder: string): Promise<void> {
  for (let round = 0; round < 10; round++) {
    const points = mountsUnder(folder);
    if (points.length === 0) return;
    for (const point of points) {
      if ((await tryRun('umount', [point])) === undefined) await tryRun('umount', ['--lazy', point]);
    }
  }
  const left = mountsUnder(folder);
  if (left.length > 0) throw new Error(`These mounts do not go away: ${left.join(', ')}`);
}

/** Loop devices whose file is (or was: "… (deleted)") below the folder. */
export function loopDevicesUnder(folder: string): readonly string[] {
  return readdirSync('/sys/block')
    .filter((name) => name.startsWith('loop'))
    .filter((name) => backingFile(name).startsWith(`${folder}/`))
    .map((name) => `/dev/${name}`);
}

function backingFile(device: string): string {
  try {
    return readFileSync(join('/sys/block', device, 'loop', 'backing_file'), 'utf8');
  } catch {
    return '';
  }
}

export async function detachLoopDevicesUnder(folder: string): Promise<void> {
  for (const { device, image } of loopDevices(folder)) await detachLoop(device, image);
}
