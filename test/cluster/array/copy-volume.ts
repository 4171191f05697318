import { type ArrayState, type StageRecord, stagesOf } from './array-state.ts';
import { applyFaults } from './fault-effects.ts';
import { copyImage, whileFrozen } from './file-system.ts';
import { isWorking } from './stage.ts';
import type { VolumeRecord } from './volumes.ts';

/** A volume whose image is to be copied, and where to. */
export interface Copying {
  readonly volume: string;
  readonly to: string;
}

/** Copies a volume's image as it is at one moment. Throws NOT_FOUND. */
export async function copyQuietly(array: ArrayState, volume: string, to: string): Promise<VolumeRecord> {
  await copyTogether(array, [{ volume, to }]);
  return array.volumes.get(volume);
}

/**
 * Copies the images of several volumes as they are at one moment: all mounted file systems are frozen before the first is copied, and
 * thawed after the last. (What a file system has not written yet is in no image.) Throws NOT_FOUND.
 */
export async function copyTogether(array: ArrayState, copies: readonly Copying[]): Promise<void> {
  const volumes = copies.map(({ volume }) => volume);
  // In one order for everybody: two groups with common volumes would wait for each other.
  const locks = volumes.toSorted().map(
    (volume) =>
      <T>(work: () => Promise<T>) =>
        array.lock.run(volume, work),
  );
  await within(locks, async () => {
    for (const volume of volumes) array.volumes.get(volume);
    const mounted = (await Promise.all(volumes.map((volume) => workingStage(array, volume)))).filter(
      (stage) => stage !== undefined,
    );
    for (const { stagingPath } of mounted) await array.slowDisks.stop(stagingPath);
    const frozen = mounted.map(
      ({ stagingPath }) =>
        <T>(work: () => Promise<T>) =>
          whileFrozen(stagingPath, work),
    );
    await within(frozen, async () => {
      await Promise.all(copies.map(({ volume, to }) => copyImage(array.volumes.image(volume), to)));
    });
    for (const stage of mounted) await applyFaults(array, stage);
  });
}

type Around = <T>(work: () => Promise<T>) => Promise<T>;

/** Runs the work inside of all of them, the first outermost. */
function within(arounds: readonly Around[], work: () => Promise<void>): Promise<void> {
  return arounds.reduceRight<() => Promise<void>>((inner, around) => () => around(inner), work)();
}

async function workingStage(array: ArrayState, volume: string): Promise<StageRecord | undefined> {
  for (const stage of stagesOf(array, volume)) {
    if (await isWorking(array, stage, stage)) return stage;
  }
  return undefined;
}
