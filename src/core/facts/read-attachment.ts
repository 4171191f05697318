import { objectOf, textOf } from './json.ts';
import { readMeta } from './read-meta.ts';
import type { AttachmentFacts } from './storage-facts.ts';

/** A VolumeAttachment as JSON. */
export function readAttachment(raw: unknown): AttachmentFacts {
  const object = objectOf(raw);
  const { uid, name, deleting } = readMeta(object);
  const spec = objectOf(object['spec']);
  return {
    uid,
    name,
    driver: textOf(spec['attacher']),
    nodeName: textOf(spec['nodeName']),
    volumeName: textOf(objectOf(spec['source'])['persistentVolumeName']),
    attached: objectOf(object['status'])['attached'] === true,
    ...(deleting ? { deleting } : {}),
  };
}
