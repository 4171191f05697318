import { type LoopDevice, limitLoop, loopDevices } from './loop-device.ts';

/**
 * The size a fenced device has. One sector and not none, because none means no bound. Every file system starts further in than that,
 * so not a byte of it can be reached.
 */
export const FENCED_BYTES = 512;

/**
 * Makes every device of the image unable to read and write it, for good, whoever has it mounted. What reached the image stays; what
 * the mount had not written yet is lost, as it is when a node loses power. Returns how many devices could write until now.
 */
export async function fence(image: string): Promise<number> {
  const open = loopDevices(image).filter((loop) => !isFenced(loop));
  for (const { device } of open) await limitLoop(device, image, FENCED_BYTES);
  return open.length;
}

export function isFenced(loop: LoopDevice): boolean {
  return loop.sizeLimit === FENCED_BYTES;
}
