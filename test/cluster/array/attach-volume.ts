import type { AttachmentInfo } from './array-control.ts';
import { type ArrayState, stagesOf } from './array-state.ts';
import { CsiError } from './csi-error.ts';
import { fence } from './fencing.ts';

export const DEFAULT_ATTACH_LIMIT = 32;

/** Gives the volume to the node, as a new generation. Idempotent. Throws FAILED_PRECONDITION when another node has it. */
export async function attachVolume(array: ArrayState, id: string, node: string): Promise<AttachmentInfo> {
  return array.lock.run(id, async () => {
    const volume = array.volumes.get(id);
    const known = array.nodes.get(node);
    if (known === undefined && array.strictNodes)
      throw new CsiError('NOT_FOUND', `the array does not know node ${node}`);
    if (array.faults.ofVolume('lost', id) !== undefined)
      throw new CsiError('INTERNAL', array.faults.condition(id).message);
    const held = array.attachments.of(id);
    const limit = known === undefined ? Infinity : (known.attachLimit ?? DEFAULT_ATTACH_LIMIT);
    if (held === undefined && array.attachments.countOn(node) >= limit) {
      throw new CsiError('RESOURCE_EXHAUSTED', `node ${node} has ${limit} volumes attached, which is its limit`);
    }
    const attachment = array.attachments.attach(id, node, volume.generations + 1);
    if (held === undefined) array.volumes.update(id, { generations: attachment.generation });
    return attachment;
  });
}

/**
 * Takes the volume from the node (any node, when none is named). Fences first, then drops the record: whoever sees the record gone may
 * rely on it that nobody writes. Idempotent.
 */
export async function detachVolume(array: ArrayState, id: string, node: string): Promise<void> {
  await array.lock.run(id, async () => {
    const held = array.attachments.of(id);
    if (held === undefined || (node !== '' && held.node !== node)) return;
    if (array.faults.ofKind('fencingOff').length === 0) await cutOff(array, id);
    array.attachments.drop(id);
  });
}

async function cutOff(array: ArrayState, id: string): Promise<void> {
  for (const stage of stagesOf(array, id)) await array.slowDisks.stop(stage.stagingPath);
  const count = await fence(array.volumes.image(id));
  if (count > 0) array.log(`volume ${id}: ${count} device(s) fenced that could still write`);
  for (const span of array.writers.spans(id)) {
    if (span.to === undefined) array.writers.close(id, span.node, 'fenced');
  }
}
