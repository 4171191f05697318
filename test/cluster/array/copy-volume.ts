import { type ArrayState, type StageRecord, stagesOf } from './array-state.ts';
import { applyFaults } from './fault-effects.ts';
import { copyImage, whileFrozen } from './file-system.ts';
import { isWorking } from './stage.ts';
import type { VolumeRecord } from './volumes.ts';

/**
 * Copies a volume's image as it is at one moment. A mounted file system is frozen meanwhile: what it has not written yet is in no
 * image. Throws NOT_FOUND.
 */
export async function copyQuietly(array: ArrayState, volume: string, to: string): Promise<VolumeRecord> {
  return array.lock.run(volume, async () => {
    const record = array.volumes.get(volume);
    const copy = (): Promise<void> => copyImage(array.volumes.image(volume), to);
    const mounted = await workingStage(array, volume);
    if (mounted === undefined) await copy();
    else {
      await array.slowDisks.stop(mounted.stagingPath);
      await whileFrozen(mounted.stagingPath, copy);
      await applyFaults(array, mounted);
    }
    return record;
  });
}

async function workingStage(array: ArrayState, volume: string): Promise<StageRecord | undefined> {
  for (const stage of stagesOf(array, volume)) {
    if (await isWorking(array, stage, stage)) return stage;
  }
  return undefined;
}
