import { mkdirSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WriterEnd } from './array-control.ts';
import { type ArrayState, type StageRecord, stageKey } from './array-state.ts';
import { CsiError } from './csi-error.ts';
import { applyFaults, refuseBroken } from './fault-effects.ts';
import { FENCED_BYTES, isFenced } from './fencing.ts';
import { chooseFileSystem, growMounted, growUnmounted, makeFileSystem, mountDevice } from './file-system.ts';
import { attachLoop, detachLoop, limitLoop, loopDevices } from './loop-device.ts';
import { mountAt, unmountAll } from './mount-table.ts';
import type { VolumeRecord } from './volumes.ts';

/** A node's wish to have a volume mounted. */
export interface StageWish {
  readonly volume: string;
  readonly node: string;
  readonly stagingPath: string;
  readonly generation: number;
  /** Empty: the array chooses. */
  readonly fileSystem: string;
  readonly flags: readonly string[];
}

/** Mounts the volume at the staging path, unless a mount of this generation works there already. Under the volume's lock. */
export async function stageVolume(array: ArrayState, wish: StageWish): Promise<StageRecord> {
  const volume = array.volumes.get(wish.volume);
  array.attachments.check(volume.id, wish.node, wish.generation);
  refuseBroken(array, volume.id);
  const present = array.stages.get(stageKey(volume.id, wish.node));
  if (present !== undefined) {
    if (await isWorking(array, present, wish)) return present;
    await unstageVolume(array, present, 'restaged');
  }
  return mountStage(array, volume, wish);
}

/** Whether the mount is the one wished for, and can still write. */
export async function isWorking(
  array: ArrayState,
  stage: StageRecord,
  wish: Pick<StageWish, 'stagingPath' | 'generation'>,
) {
  const { stagingPath, generation, device } = stage;
  if (device === undefined || stage.broken || generation !== wish.generation || stagingPath !== wish.stagingPath)
    return false;
  if (mountAt(stagingPath)?.source !== device) return false;
  const loops = loopDevices(array.volumes.image(stage.volume));
  return loops.some((loop) => loop.device === device && !isFenced(loop)) && isReadable(stagingPath);
}

/** A file system that gave up answers with EIO. */
function isReadable(folder: string): boolean {
  try {
    readdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

async function mountStage(array: ArrayState, found: VolumeRecord, wish: StageWish): Promise<StageRecord> {
  const volume = await withFileSystem(array, found, wish.fileSystem);
  const key = stageKey(volume.id, wish.node);
  const { node, stagingPath, generation } = wish;
  const record: StageRecord = {
    volume: volume.id,
    node,
    stagingPath,
    generation,
    device: undefined,
    targets: [],
    broken: false,
  };
  await unmountAll(stagingPath);
  mkdirSync(stagingPath, { recursive: true });
  array.stages.put(key, record);
  array.writers.open(volume.id, node, generation);
  const image = array.volumes.image(volume.id);
  let device: string | undefined;
  try {
    device = await attachLoop(image);
    array.stages.put(key, { ...record, device });
    await mountAndGrow(array, volume, device, wish);
  } catch (error) {
    if (device !== undefined) await detachLoop(device, image);
    array.stages.delete(key);
    array.writers.close(volume.id, node, 'unstaged');
    throw error;
  }
  // From now on the kernel frees the device when its last mount goes, whoever takes that away, and whether we still live or not.
  await detachLoop(device, image);
  return applyFaults(array, { ...record, device });
}

/** Makes the file system at the first mount. A kill in between repeats it, which is right: nobody has written yet. */
async function withFileSystem(
  array: ArrayState,
  volume: VolumeRecord,
  asked: string,
): Promise<VolumeRecord & { fileSystem: 'xfs' | 'ext4' }> {
  if (volume.fileSystem !== undefined) return { ...volume, fileSystem: volume.fileSystem };
  const fileSystem = chooseFileSystem(asked, volume.capacityBytes);
  if (fileSystem === undefined)
    throw new CsiError('INVALID_ARGUMENT', `the array makes xfs and ext4 file systems, not ${asked}`);
  await makeFileSystem(array.volumes.image(volume.id), fileSystem);
  return { ...array.volumes.update(volume.id, { fileSystem, fileSystemBytes: volume.capacityBytes }), fileSystem };
}

async function mountAndGrow(
  array: ArrayState,
  volume: VolumeRecord & { fileSystem: 'xfs' | 'ext4' },
  device: string,
  wish: StageWish,
) {
  const grows = volume.fileSystemBytes < volume.capacityBytes;
  if (grows) await growUnmounted(device, volume.fileSystem);
  await mountDevice(device, wish.stagingPath, volume.fileSystem, wish.flags);
  if (!grows) return;
  await growMounted(device, wish.stagingPath, volume.fileSystem);
  array.volumes.update(volume.id, { fileSystemBytes: volume.capacityBytes });
}

/** Takes the mount away. Under the volume's lock. */
export async function unstageVolume(array: ArrayState, stage: StageRecord, end: WriterEnd): Promise<void> {
  await array.slowDisks.stop(stage.stagingPath);
  for (const target of stage.targets) await unmountAll(target);
  await unmountAll(stage.stagingPath);
  if (stage.device !== undefined) await detachLoop(stage.device, array.volumes.image(stage.volume));
  if (await isGone(array, stage)) array.writers.close(stage.volume, stage.node, end);
  else if (end !== 'unstaged' && stage.device !== undefined) {
    // A container still has it mounted. Before this node gets a second mount, the first one must be unable to write.
    await limitLoop(stage.device, array.volumes.image(stage.volume), FENCED_BYTES);
    array.writers.close(stage.volume, stage.node, end);
  } else
    array.log(
      `${stage.device} of volume ${stage.volume} is still in use on ${stage.node} after unstage; detaching will fence it`,
    );
  array.stages.delete(stageKey(stage.volume, stage.node));
}

/** The kernel frees a device a moment after its last mount went. */
async function isGone(array: ArrayState, stage: StageRecord): Promise<boolean> {
  if (stage.device === undefined) return true;
  for (let attempt = 0; attempt < 10; attempt++) {
    const loops = loopDevices(array.volumes.image(stage.volume));
    const mine = loops.find(({ device }) => device === stage.device);
    if (mine === undefined || isFenced(mine)) return true;
    await sleep(20);
  }
  return false;
}
