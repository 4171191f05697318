import { type Json, listOf, objectOf, textOf } from '../facts/json.ts';
import { readMeta } from '../facts/read-meta.ts';
import { parseBytes } from '../resources/quantity.ts';
import type { GroupSnapshotFacts, SnapshotClassFacts, SnapshotFacts } from './snapshot-facts.ts';

/** A VolumeSnapshot as JSON. Throws for a size that is no quantity. */
export function readSnapshot(raw: unknown): SnapshotFacts {
  const snapshot = objectOf(raw);
  const { uid, namespace, name, owner, deleting } = readMeta(snapshot);
  const spec = objectOf(snapshot['spec']);
  const status = objectOf(snapshot['status']);
  const size = status['restoreSize'];
  const group = groupOf(snapshot);
  return {
    uid,
    namespace,
    name,
    ownerUid: owner?.uid ?? '',
    backup: owner?.kind === 'AppBackup' ? owner.name : '',
    ...(group === undefined ? {} : { group }),
    claim: textOf(objectOf(spec['source'])['persistentVolumeClaimName']),
    className: textOf(spec['volumeSnapshotClassName']),
    readyToUse: status['readyToUse'] === true,
    bytes: typeof size === 'string' || typeof size === 'number' ? parseBytes(size) : 0,
    error: textOf(objectOf(status['error'])['message']),
    deleting,
  };
}

const GROUP_API = 'groupsnapshot.storage.k8s.io/';

/** The group owns the snapshots that were made for it, and is not marked as their controller. */
function groupOf(snapshot: Json): SnapshotFacts['group'] {
  const owners = listOf(objectOf(snapshot['metadata'])['ownerReferences']).map(objectOf);
  const found = owners.find(
    (owner) => owner['kind'] === 'VolumeGroupSnapshot' && textOf(owner['apiVersion']).startsWith(GROUP_API),
  );
  return found === undefined ? undefined : { name: textOf(found['name']), uid: textOf(found['uid']) };
}

/** A VolumeGroupSnapshot as JSON. */
export function readGroupSnapshot(raw: unknown): GroupSnapshotFacts {
  const group = objectOf(raw);
  const { uid, namespace, name, owner, deleting } = readMeta(group);
  const status = objectOf(group['status']);
  return {
    uid,
    namespace,
    name,
    ownerUid: owner?.uid ?? '',
    backup: owner?.kind === 'AppBackup' ? owner.name : '',
    readyToUse: status['readyToUse'] === true,
    error: textOf(objectOf(status['error'])['message']),
    deleting,
  };
}

const DEFAULT_CLASS = ['snapshot', 'groupsnapshot'].map((kind) => `${kind}.storage.kubernetes.io/is-default-class`);

/** A VolumeSnapshotClass or VolumeGroupSnapshotClass as JSON. */
export function readSnapshotClass(raw: unknown): SnapshotClassFacts {
  const one = objectOf(raw);
  const { name, annotations } = readMeta(one);
  return {
    name,
    driver: textOf(one['driver']),
    deletionPolicy: textOf(one['deletionPolicy']),
    isDefault: DEFAULT_CLASS.some((key) => annotations[key] === 'true'),
  };
}
