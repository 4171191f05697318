import { setTimeout as sleep } from 'node:timers/promises';
import { arrayDir } from './driver-name.ts';
import { detachLoop, loopDevices } from './loop-device.ts';
import { mounts, unmountAll } from './mount-table.ts';

/**
 * Removes mounts and loop devices of the array in this folder, whoever left them. Containers that have a volume mounted must be gone.
 * Throws when a device stays for 5 s.
 */
export async function sweepArray(stateDir: string): Promise<void> {
  const folder = arrayDir(stateDir);
  for (let attempt = 0; attempt < 50; attempt++) {
    const found = loopDevices(folder);
    if (found.length === 0) return;
    const devices = found.map(({ device }) => device);
    for (const { mountPoint } of mounts().filter(({ source }) => devices.includes(source)))
      await unmountAll(mountPoint);
    for (const { device, image } of found) await detachLoop(device, image);
    await sleep(attempt === 0 ? 0 : 100);
  }
  const left = loopDevices(folder).map(({ device, image }) => `${device} (${image})`);
  if (left.length > 0)
    throw new Error(`still in use, probably mounted inside a container that lives: ${left.join(', ')}`);
}
