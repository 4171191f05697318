import { API_VERSION } from '../../api/group.ts';
import type { AppBackup } from '../../api/app-backup.ts';
import { LABEL_APP, LABEL_MANAGED_BY, LABEL_MEMBER, MANAGED_BY } from '../../api/labels.ts';
import type { KubeObject } from '../app/plan.ts';
import type { VolumeBackup } from './volume-backup.ts';

/** The VolumeSnapshot of one volume that is copied for itself. */
export function buildSnapshot(backup: AppBackup, volume: VolumeBackup): KubeObject {
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: ownedByBackup(backup, volume.snapshot, volume.member),
    spec: {
      volumeSnapshotClassName: volume.snapshotClassName,
      source: { persistentVolumeClaimName: volume.claim },
    },
  };
}

/** The backup controls its copies, so that they go with the backup and with nothing else: neither with the app nor with the claim. */
export function ownedByBackup({ metadata, spec }: AppBackup, name: string, member: string): KubeObject['metadata'] {
  const { uid, namespace } = metadata;
  return {
    name,
    namespace,
    labels: { [LABEL_MANAGED_BY]: MANAGED_BY, [LABEL_APP]: spec.app, [LABEL_MEMBER]: member },
    ownerReferences: [{ apiVersion: API_VERSION, kind: 'AppBackup', name: metadata.name, uid, controller: true }],
  };
}
