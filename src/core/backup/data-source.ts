import { API_VERSION, GROUP } from '../../api/group.ts';
import { claimName } from '../app/claim-name.ts';
import { memberName } from '../app/member-name.ts';
import type { ClaimFacts } from '../facts/storage-facts.ts';
import { showBytes } from '../resources/show-amount.ts';
import type { BackupProblem } from './backup-facts.ts';
import { copyOf } from './backup-copy.ts';
import type { DataSourceFacts } from './data-source-facts.ts';
import type { NewClaim } from './new-claim.ts';
import type { SnapshotFacts } from './snapshot-facts.ts';

/** What a claim says in `spec.dataSourceRef`. */
export interface ClaimSource {
  readonly apiGroup?: string | undefined;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
}

const SNAPSHOTS = 'snapshot.storage.k8s.io';

/**
 * What a member's new volume is filled from. An AppBackup gives member i the copy of member i (a backup of one member gives it to
 * member 0), a PersistentApp the volume that its member i has now; anything else fills all members with the same.
 */
export function sourceOf(wanted: NewClaim, facts: DataSourceFacts): ClaimSource | BackupProblem {
  const { dataSourceRef } = wanted.volume;
  if (dataSourceRef === undefined) throw new Error(`volume ${wanted.volume.name} has no dataSourceRef`);
  const { apiGroup = '', kind, name, namespace } = dataSourceRef;
  if (isOurs(apiGroup, kind) && namespace !== undefined) return elsewhere(wanted.volume.name, kind);
  if (isOurs(apiGroup, kind)) return kind === 'AppBackup' ? ofBackup(wanted, name, facts) : ofApp(wanted, name, facts);
  // Of another namespace nothing is known here.
  if (namespace !== undefined) return dataSourceRef;
  return ofKubernetes(wanted, dataSourceRef, facts) ?? dataSourceRef;
}

/** Undefined: a kind with a populator, of which nothing is known here. */
function ofKubernetes(
  wanted: NewClaim,
  { apiGroup = '', kind, name }: ClaimSource,
  facts: DataSourceFacts,
): ClaimSource | BackupProblem | undefined {
  if (kind === 'VolumeSnapshot') return ofSnapshot(wanted, name, facts) ?? { apiGroup: SNAPSHOTS, kind, name };
  if (kind === 'PersistentVolumeClaim' && apiGroup === '') return ofClaim(wanted, name, facts) ?? { kind, name };
  return undefined;
}

function isOurs(apiGroup: string, kind: string): boolean {
  return (kind === 'AppBackup' || kind === 'PersistentApp') && (apiGroup === '' || apiGroup === GROUP);
}

function elsewhere(volume: string, kind: string): BackupProblem {
  const message = `volume ${volume} names a ${kind} (${API_VERSION}) of another namespace: only those of the app's own can be used; remove dataSourceRef.namespace`;
  return { reason: 'DataSourceUnfit', message, final: true };
}

function ofBackup(wanted: NewClaim, name: string, facts: DataSourceFacts): ClaimSource | BackupProblem {
  const copy = copyOf(wanted, name, facts.backups.get(name));
  if ('reason' in copy) return copy;
  return (
    ofSnapshot(wanted, copy.snapshot, facts) ?? { apiGroup: SNAPSHOTS, kind: 'VolumeSnapshot', name: copy.snapshot }
  );
}

function ofSnapshot(wanted: NewClaim, name: string, { kinds, snapshots }: DataSourceFacts): BackupProblem | undefined {
  if (kinds === 'missing') {
    const message = `the cluster has no VolumeSnapshot kind, and volume ${wanted.volume.name} is to be filled from one: install the CRDs and the controller of kubernetes-csi/external-snapshotter`;
    return { reason: 'SnapshotKindsMissing', message, final: true };
  }
  if (kinds === 'reading') {
    return { reason: 'ReadingSnapshots', message: 'waits until the VolumeSnapshots are read', final: false };
  }
  const found = snapshots.get(name);
  if (found === undefined || found.deleting) {
    const message = `VolumeSnapshot ${name}, which ${claimOf(wanted)} is to be filled from, ${found === undefined ? 'does not exist' : 'is being deleted'}: choose another source in dataSourceRef, or remove it for an empty volume`;
    return { reason: 'SnapshotNotFound', message, final: true };
  }
  return snapshotProblem(wanted, found);
}

function snapshotProblem(
  wanted: NewClaim,
  { name, readyToUse, bytes, error }: SnapshotFacts,
): BackupProblem | undefined {
  if (!readyToUse) {
    const why = error === '' ? '' : `: ${error}`;
    return { reason: 'DataSourceNotReady', message: `VolumeSnapshot ${name} is not ready to use${why}`, final: false };
  }
  return tooSmall(wanted, bytes, `VolumeSnapshot ${name}`);
}

/** The volume that a member of another app has: it is cloned by the driver while it is in use. */
function ofApp(wanted: NewClaim, app: string, facts: DataSourceFacts): ClaimSource | BackupProblem {
  const name = claimName(wanted.volume.name, app, wanted.ordinal);
  return ofClaim(wanted, name, facts) ?? { kind: 'PersistentVolumeClaim', name };
}

function ofClaim(wanted: NewClaim, name: string, { claims }: DataSourceFacts): BackupProblem | undefined {
  const found = claims.get(name);
  if (found === undefined || found.deleting) {
    const message = `claim ${name}, which ${claimOf(wanted)} is to be a clone of, ${found === undefined ? 'does not exist' : 'is being deleted'}: the source needs a volume ${wanted.volume.name} and as many members as this app`;
    return { reason: 'DataSourceNotFound', message, final: true };
  }
  if (found.phase !== 'Bound') {
    return { reason: 'DataSourceNotReady', message: `claim ${name} is ${found.phase} and not Bound`, final: false };
  }
  return tooSmall(wanted, sizeOf(found), `claim ${name}`);
}

function sizeOf({ actualBytes, bytes }: ClaimFacts): number {
  return Math.max(actualBytes, bytes);
}

function tooSmall(wanted: NewClaim, bytes: number, of: string): BackupProblem | undefined {
  if (bytes <= wanted.bytes) return undefined;
  const message = `volume ${wanted.volume.name} asks for ${showBytes(wanted.bytes)}, and ${of} needs ${showBytes(bytes)} at least: set its size to ${showBytes(bytes)} or more`;
  return { reason: 'DataSourceTooLarge', message, final: true };
}

function claimOf({ volume, app, ordinal }: NewClaim): string {
  return `volume ${volume.name} of ${memberName(app, ordinal)}`;
}
