import { writeFileSync } from 'node:fs';
import { rm, statfs } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { tryRun } from '../command.ts';
import { type ArrayState, type StageRecord, stageKey, stagesOf } from './array-state.ts';
import { CsiError } from './csi-error.ts';
import type { ActiveFault, Fault, FaultKind } from './faults.ts';
import { FENCED_BYTES } from './fencing.ts';
import { limitLoop } from './loop-device.ts';
import { mountAt } from './mount-table.ts';

/** Puts a fault in force, also for what is mounted now. */
export async function injectFault(array: ArrayState, fault: Fault): Promise<ActiveFault> {
  if (!('volume' in fault)) return array.faults.add(fault);
  array.volumes.get(fault.volume);
  return array.lock.run(fault.volume, async () => {
    const active = array.faults.add(fault);
    for (const stage of stagesOf(array, fault.volume)) await applyFault(array, stage, active);
    return active;
  });
}

/** Ends faults. A mount that a fault broke stays so; the next pod gets a new one. */
export async function healFaults(array: ArrayState, which?: number | FaultKind): Promise<void> {
  for (const fault of array.faults.remove(which)) {
    if (!('volume' in fault)) continue;
    await array.lock.run(fault.volume, async () => {
      for (const stage of stagesOf(array, fault.volume)) await undo(array, stage, fault);
    });
  }
}

/** Throws INTERNAL when a fault keeps the volume from being mounted. */
export function refuseBroken(array: ArrayState, volume: string): void {
  const broken = array.faults.ofVolume('lost', volume) ?? array.faults.ofVolume('failing', volume);
  if (broken !== undefined)
    throw new CsiError('INTERNAL', `volume ${volume}: ${array.faults.condition(volume).message}`);
}

/** What is in force for the volume, on a new mount of it. */
export async function applyFaults(array: ArrayState, stage: StageRecord): Promise<StageRecord> {
  for (const fault of array.faults.list()) {
    if ('volume' in fault && fault.volume === stage.volume) await applyFault(array, stage, fault);
  }
  return array.stages.get(stageKey(stage.volume, stage.node)) ?? stage;
}

async function applyFault(array: ArrayState, stage: StageRecord, fault: ActiveFault): Promise<void> {
  if (stage.device === undefined || mountAt(stage.stagingPath)?.source !== stage.device) return;
  switch (fault.kind) {
    case 'slowDisk':
      await array.slowDisks.start(stage.stagingPath, fault.stallMilliseconds, fault.runMilliseconds ?? 100);
      break;
    case 'fullVolume':
      await fill(stage.stagingPath);
      break;
    case 'readOnly':
      await protect(array, stage, stage.device);
      break;
    case 'failing':
    case 'lost':
      await stopReadsAndWrites(array, stage, stage.device);
      break;
    default:
  }
}

async function undo(array: ArrayState, stage: StageRecord, fault: ActiveFault): Promise<void> {
  if (fault.kind === 'slowDisk') await array.slowDisks.stop(stage.stagingPath);
  if (fault.kind === 'fullVolume') await rm(join(stage.stagingPath, BALLAST), { force: true });
}

const BALLAST = '.array-ballast';

/** Takes all blocks there are, the last ones in ever smaller pieces: the file system keeps some for its own books. */
async function fill(folder: string): Promise<void> {
  const path = join(folder, BALLAST);
  let length = 0;
  for (let attempt = 0; attempt < 40; attempt++) {
    const { bavail, bsize } = await statfs(folder);
    const piece = Math.floor((bavail * bsize) / 2 ** Math.floor(attempt / 4) / bsize) * bsize;
    if (piece <= 0) return;
    if ((await tryRun('fallocate', ['--offset', String(length), '--length', String(piece), path])) !== undefined)
      length += piece;
  }
}

async function stopReadsAndWrites(array: ArrayState, stage: StageRecord, device: string): Promise<void> {
  markBroken(array, stage);
  await limitLoop(device, array.volumes.image(stage.volume), FENCED_BYTES);
}

/**
 * A disk that is write-protected under a mounted file system. Where nobody has a file open for writing, a remount does it. ext4 has a
 * switch for an error, and turns read-only as it does on such a disk; XFS has no such state and shuts down, there as here.
 */
async function protect(array: ArrayState, stage: StageRecord, device: string): Promise<void> {
  markBroken(array, stage);
  if ((await tryRun('mount', ['-o', 'remount,ro', stage.stagingPath])) !== undefined) return;
  try {
    writeFileSync(`/sys/fs/ext4/${basename(device)}/trigger_fs_error`, 'the array protects this volume');
  } catch {
    await stopReadsAndWrites(array, stage, device);
  }
}

function markBroken(array: ArrayState, stage: StageRecord): void {
  array.stages.put(stageKey(stage.volume, stage.node), { ...stage, broken: true });
}
