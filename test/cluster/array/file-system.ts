import { run, tryRun } from '../command.ts';
import { showNewSize } from './loop-device.ts';

export type FileSystem = 'xfs' | 'ext4';

const MIB = 2 ** 20;
/** mkfs.xfs refuses less. */
export const XFS_MINIMUM_BYTES = 300 * MIB;
export const MINIMUM_BYTES = 8 * MIB;

/** XFS where it fits: it can grow while mounted, which ext4 can only with CAP_SYS_RESOURCE. Undefined: unknown to the array. */
export function chooseFileSystem(asked: string, bytes: number): FileSystem | undefined {
  if (asked === 'xfs' || asked === 'ext4') return asked;
  if (asked !== '') return undefined;
  return bytes >= XFS_MINIMUM_BYTES ? 'xfs' : 'ext4';
}

export async function makeFileSystem(image: string, type: FileSystem): Promise<void> {
  // Nothing to discard in a sparse file; and no reserve for root, so that a full volume is full for everybody.
  if (type === 'xfs') await run('mkfs.xfs', ['-q', '-f', '-K', image]);
  else await run('mkfs.ext4', ['-q', '-F', '-m', '0', '-E', 'nodiscard', image]);
}

/** ext4 grows before it is mounted. */
export async function growUnmounted(device: string, type: FileSystem): Promise<void> {
  if (type === 'xfs') return;
  // Exit code 1: errors were corrected. Anything worse shows in resize2fs.
  await tryRun('e2fsck', ['-f', '-p', device]);
  await run('resize2fs', [device]);
}

/** Whether the mounted file system now has the device's size. */
export async function growMounted(device: string, mountPoint: string, type: FileSystem): Promise<boolean> {
  await showNewSize(device);
  if (type === 'ext4') return (await tryRun('resize2fs', [device])) !== undefined;
  await run('xfs_growfs', ['-d', mountPoint]);
  return true;
}

export async function mountDevice(
  device: string,
  path: string,
  type: FileSystem,
  flags: readonly string[],
): Promise<void> {
  // A clone, a snapshot and a fenced mount have the same UUID as the mount being made.
  const options = [type === 'xfs' ? 'nouuid' : 'errors=remount-ro', ...flags];
  await run('mount', ['-t', type, '-o', options.join(','), device, path]);
}

/** Runs `work` while the file system stands still, with everything written to the device. */
export async function whileFrozen<T>(mountPoint: string, work: () => Promise<T>): Promise<T> {
  await run('fsfreeze', ['--freeze', mountPoint]);
  try {
    return await work();
  } finally {
    await run('fsfreeze', ['--unfreeze', mountPoint]);
  }
}

/** A copy of an image, with its holes. */
export async function copyImage(from: string, to: string): Promise<void> {
  await run('cp', ['--sparse=always', '--reflink=auto', from, `${to}.new`], { timeoutSeconds: 120 });
  await run('mv', [`${to}.new`, to]);
}
