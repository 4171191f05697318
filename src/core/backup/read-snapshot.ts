import { objectOf, textOf } from '../facts/json.ts';
import { readMeta } from '../facts/read-meta.ts';
import { parseBytes } from '../resources/quantity.ts';
import type { SnapshotClassFacts, SnapshotFacts } from './snapshot-facts.ts';

/** A VolumeSnapshot as JSON. Throws for a size that is no quantity. */
export function readSnapshot(raw: unknown): SnapshotFacts {
  const snapshot = objectOf(raw);
  const { uid, namespace, name, owner, deleting } = readMeta(snapshot);
  const spec = objectOf(snapshot['spec']);
  const status = objectOf(snapshot['status']);
  const size = status['restoreSize'];
  return {
    uid,
    namespace,
    name,
    ownerUid: owner?.uid ?? '',
    backup: owner?.kind === 'AppBackup' ? owner.name : '',
    claim: textOf(objectOf(spec['source'])['persistentVolumeClaimName']),
    className: textOf(spec['volumeSnapshotClassName']),
    readyToUse: status['readyToUse'] === true,
    bytes: typeof size === 'string' || typeof size === 'number' ? parseBytes(size) : 0,
    error: textOf(objectOf(status['error'])['message']),
    deleting,
  };
}

const DEFAULT_CLASS = 'snapshot.storage.kubernetes.io/is-default-class';

/** A VolumeSnapshotClass as JSON. */
export function readSnapshotClass(raw: unknown): SnapshotClassFacts {
  const one = objectOf(raw);
  const { name, annotations } = readMeta(one);
  return {
    name,
    driver: textOf(one['driver']),
    deletionPolicy: textOf(one['deletionPolicy']),
    isDefault: annotations[DEFAULT_CLASS] === 'true',
  };
}
