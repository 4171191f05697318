import { API_VERSION } from '../api/group.ts';
import { LABEL_MANAGED_BY, MANAGED_BY } from '../api/labels.ts';
import type { StoragePool } from '../api/storage-pool.ts';
import type { KubeObject } from '../core/app/plan.ts';

/** The StorageClass of a pool, named like it; undefined when the pool uses a class that exists, or one that we cannot make. */
export function buildStorageClass({ metadata, spec }: StoragePool): KubeObject | undefined {
  if (spec.provider !== 'custom' || spec.custom === undefined) return undefined;
  const fsType = spec.fsType === undefined ? {} : { 'csi.storage.k8s.io/fstype': spec.fsType };
  const owner = {
    apiVersion: API_VERSION,
    kind: 'StoragePool',
    name: metadata.name,
    uid: metadata.uid,
    controller: true,
  };
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: metadata.name, labels: { [LABEL_MANAGED_BY]: MANAGED_BY }, ownerReferences: [owner] },
    provisioner: spec.custom.provisioner,
    parameters: { ...spec.custom.parameters, ...fsType },
    reclaimPolicy: spec.reclaimPolicy,
    allowVolumeExpansion: spec.allowExpansion,
    // A volume is made where its member's slot is, never before.
    volumeBindingMode: 'WaitForFirstConsumer',
  };
}

/** What Kubernetes lets nobody change in a StorageClass. */
export const FIXED_FIELDS = ['provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode'] as const;
