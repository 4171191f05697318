import { API_VERSION } from '../../api/group.ts';
import type { AppBackup } from '../../api/app-backup.ts';
import { LABEL_APP, LABEL_MANAGED_BY, LABEL_MEMBER, MANAGED_BY } from '../../api/labels.ts';
import type { KubeObject } from '../app/plan.ts';
import type { VolumeBackup } from './choose-volumes.ts';

/**
 * The VolumeSnapshot of one volume. The backup controls it, so that it goes with the backup and with nothing else: neither with the app
 * nor with the claim.
 */
export function buildSnapshot(backup: AppBackup, volume: VolumeBackup): KubeObject {
  const { name, namespace, uid } = backup.metadata;
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: {
      name: volume.snapshot,
      namespace,
      labels: {
        [LABEL_MANAGED_BY]: MANAGED_BY,
        [LABEL_APP]: backup.spec.app,
        [LABEL_MEMBER]: volume.member,
      },
      ownerReferences: [{ apiVersion: API_VERSION, kind: 'AppBackup', name, uid, controller: true }],
    },
    spec: {
      volumeSnapshotClassName: volume.snapshotClassName,
      source: { persistentVolumeClaimName: volume.claim },
    },
  };
}
