import { DRIVER, SEGMENT_KEY, NODE_KEY } from './driver-name.ts';
import { type PoolSpec, storageClassOf } from './pools.ts';

/** The CSIDriver object. */
export function csiDriver(): object {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    metadata: { name: DRIVER },
    spec: {
      attachRequired: true,
      storageCapacity: true,
      podInfoOnMount: false,
      fsGroupPolicy: 'File',
      volumeLifecycleModes: ['Persistent'],
    },
  };
}

/** The pool's StorageClass. The first pool's is the cluster's default. */
export function storageClass(pool: PoolSpec, isDefault: boolean): object {
  const annotations = isDefault ? { 'storageclass.kubernetes.io/is-default-class': 'true' } : {};
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: storageClassOf(pool), annotations },
    provisioner: DRIVER,
    parameters: { pool: pool.name },
    volumeBindingMode: 'WaitForFirstConsumer',
    allowVolumeExpansion: true,
    reclaimPolicy: 'Delete',
  };
}

/** With which snapshots of one volume, and of several together, are taken. Need the CRDs of the snapshot controller. */
export function snapshotClasses(): readonly object[] {
  return ['snapshot', 'groupsnapshot'].map((kind) => ({
    apiVersion: `${kind}.storage.k8s.io/v1`,
    kind: kind === 'snapshot' ? 'VolumeSnapshotClass' : 'VolumeGroupSnapshotClass',
    metadata: { name: 'array', annotations: { [`${kind}.storage.kubernetes.io/is-default-class`]: 'true' } },
    driver: DRIVER,
    deletionPolicy: 'Delete',
  }));
}

/** The CSINode that a kubelet would make, for a node without one. */
export function fakeCsiNode(node: string, needsNodes: boolean, attachLimit?: number): object {
  const topologyKeys = needsNodes ? [SEGMENT_KEY, NODE_KEY] : [SEGMENT_KEY];
  const allocatable = attachLimit === undefined ? {} : { allocatable: { count: attachLimit } };
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSINode',
    metadata: { name: node },
    spec: { drivers: [{ name: DRIVER, nodeID: node, topologyKeys, ...allocatable }] },
  };
}
