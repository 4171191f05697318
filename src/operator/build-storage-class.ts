import { ANNOTATION_POOL, LABEL_MANAGED_BY, MANAGED_BY } from '../api/labels.ts';
import type { StoragePool } from '../api/storage-pool.ts';
import type { KubeObject } from '../core/app/plan.ts';
import { controllerOf } from '../core/app/read-field.ts';
import { type PoolClass, snapshotParameters } from '../core/pools/pool-class.ts';

/** The StorageClass of a pool, named like it. */
export function buildStorageClass(pool: StoragePool, { provisioner, parameters }: PoolClass): KubeObject {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: metadataOf(pool),
    provisioner,
    parameters,
    reclaimPolicy: pool.spec.reclaimPolicy,
    allowVolumeExpansion: pool.spec.allowExpansion,
    // A volume is made where its member's slot is, never before.
    volumeBindingMode: 'WaitForFirstConsumer',
  };
}

/** The VolumeSnapshotClass of a pool, named like it, for volumes of this driver. */
export function buildSnapshotClass(pool: StoragePool, driver: string): KubeObject {
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotClass',
    metadata: metadataOf(pool),
    driver,
    deletionPolicy: pool.spec.snapshots.deletionPolicy,
    parameters: snapshotParameters(pool.spec),
  };
}

/** Whether we made the class for this pool, or for an earlier one of its name. */
export function isClassOf({ metadata }: StoragePool, live: KubeObject): boolean {
  const { annotations, labels } = live.metadata;
  if (annotations?.[ANNOTATION_POOL] === metadata.name && labels?.[LABEL_MANAGED_BY] === MANAGED_BY) return true;
  return controllerOf(live)?.uid === metadata.uid;
}

/** Without an owner: claims and snapshots refer to a class by name, so it must outlive its pool. */
function metadataOf({ metadata: { name } }: StoragePool): KubeObject['metadata'] {
  return { name, labels: { [LABEL_MANAGED_BY]: MANAGED_BY }, annotations: { [ANNOTATION_POOL]: name } };
}
