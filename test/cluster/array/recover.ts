import { type ArrayState, stageKey } from './array-state.ts';
import { isFenced } from './fencing.ts';
import { detachLoop, type LoopDevice, loopDevices } from './loop-device.ts';
import { mounts } from './mount-table.ts';

/** After a start: frees devices that a killed array had made and not mounted yet, and forgets mounts that are gone. */
export async function dropDeadStages(array: ArrayState): Promise<void> {
  const mounted = new Set(mounts().map(({ source }) => source));
  for (const { device, image } of loopDevices(array.folder)) {
    if (!mounted.has(device)) await detachLoop(device, image);
  }
  const alive = loopDevices(array.folder);
  for (const stage of array.stages.list()) {
    const mine = alive.find(
      (loop: LoopDevice) => loop.device === stage.device && loop.image === array.volumes.image(stage.volume),
    );
    if (mine !== undefined) continue;
    array.writers.close(stage.volume, stage.node, 'unstaged');
    array.stages.delete(stageKey(stage.volume, stage.node));
  }
  for (const span of array.writers.spans().filter(({ to }) => to === undefined)) {
    const open = alive.some((loop) => loop.image === array.volumes.image(span.volume) && !isFenced(loop));
    if (!open) array.writers.close(span.volume, span.node, 'unstaged');
  }
}
