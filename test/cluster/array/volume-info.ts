import type { VolumeInfo } from './array-control.ts';
import type { ArrayState } from './array-state.ts';

/** What tests see of the volumes. */
export function volumeInfos(array: ArrayState): readonly VolumeInfo[] {
  return array.volumes.list().map((record) => {
    const { id, name, claim, pool, segment, capacityBytes, fileSystem } = record;
    const { abnormal, message: condition } = array.faults.condition(id);
    return { id, name, claim, pool, segment, capacityBytes, fileSystem, abnormal, condition };
  });
}
