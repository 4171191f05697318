import { LABEL_APP_UID } from '../../api/labels.ts';
import type { PersistentApp } from '../../api/persistent-app.ts';
import type { VolumeClaim } from '../../api/volume-claim.ts';
import { claimName } from '../app/claim-name.ts';
import { memberName, ordinalOf } from '../app/member-name.ts';
import type { ClaimFacts } from '../facts/storage-facts.ts';
import type { BackupFacts, BackupProblem } from './backup-facts.ts';
import { snapshotClassOf } from './snapshot-class.ts';
import { inGroups } from './snapshot-groups.ts';
import type { VolumeBackup } from './volume-backup.ts';

/** What a backup is of, each volume with its snapshot's name and class; or why it cannot begin. All volumes or none: half a backup is none. */
export function chooseVolumes(facts: BackupFacts): readonly VolumeBackup[] | BackupProblem {
  const { app, backup, kinds } = facts;
  if (kinds === 'missing') return NO_KINDS;
  if (kinds === 'reading') return READING;
  if (app === undefined) return noApp(backup.spec.app);
  const { name } = app.metadata;
  if (app.spec.volumeClaims.length === 0) {
    return { reason: 'NoVolumes', message: `app ${name} has no volumes: there is nothing to copy`, final: true };
  }
  const ordinals = ordinalsOf(facts, app);
  if (ordinals.length === 0) {
    const message =
      backup.spec.member === undefined
        ? `app ${name} has no members: there is nothing to copy; name spec.member for the volumes that a member left`
        : `${backup.spec.member} is no member of app ${name}: members are named ${name}-0 and so on`;
    return { reason: 'NoMembers', message, final: true };
  }
  const chosen: VolumeBackup[] = [];
  for (const ordinal of ordinals) {
    for (const volume of app.spec.volumeClaims) {
      const found = chooseVolume({ facts, app, volume, ordinal });
      if ('reason' in found) return found;
      chosen.push(found);
    }
  }
  return inGroups(chosen, facts);
}

const NO_KINDS: BackupProblem = {
  reason: 'SnapshotKindsMissing',
  message:
    'the cluster has no VolumeSnapshot kind: install the CRDs and the controller of kubernetes-csi/external-snapshotter; nothing else is needed here',
  final: true,
};

const READING: BackupProblem = {
  reason: 'ReadingSnapshots',
  message: 'waits until the VolumeSnapshots and their classes are read',
  final: false,
};

function noApp(name: string): BackupProblem {
  const message = `there is no PersistentApp "${name}" in this namespace: create it, or make a backup of another one`;
  return { reason: 'AppNotFound', message, final: true };
}

function ordinalsOf({ backup }: BackupFacts, app: PersistentApp): readonly number[] {
  const { member } = backup.spec;
  if (member === undefined) return Array.from({ length: app.spec.replicas }, (_, ordinal) => ordinal);
  const ordinal = ordinalOf(app.metadata.name, member);
  return ordinal === undefined ? [] : [ordinal];
}

interface Wanted {
  readonly facts: BackupFacts;
  readonly app: PersistentApp;
  readonly volume: VolumeClaim;
  readonly ordinal: number;
}

function chooseVolume({ facts, app, volume, ordinal }: Wanted): VolumeBackup | BackupProblem {
  const member = memberName(app.metadata.name, ordinal);
  const name = claimName(volume.name, app.metadata.name, ordinal);
  const claim = facts.claims.find((one) => one.name === name);
  const notYet = claimProblem(name, member, claim, app);
  if (notYet !== undefined) return notYet;
  const driver = driverOf(name, claim?.volumeName ?? '', facts);
  if (typeof driver !== 'string') return driver;
  const asked = facts.backup.spec.snapshotClassName ?? app.spec.backup?.snapshotClassName;
  const chosen = snapshotClassOf({ volume, driver, asked, pools: facts.pools, classes: facts.classes });
  if ('reason' in chosen) return chosen;
  const snapshot = snapshotName(name, facts.backup.metadata.uid);
  const { className: snapshotClassName } = chosen;
  return { claim: name, member, snapshot, group: '', snapshotClassName, readyToUse: false, size: '', message: '' };
}

function driverOf(claim: string, volumeName: string, { volumes }: BackupFacts): string | BackupProblem {
  const driver = volumes.get(volumeName)?.driver;
  if (driver === undefined) {
    return { reason: 'ClaimNotBound', message: `volume ${volumeName} of claim ${claim} is not seen yet`, final: false };
  }
  if (driver !== '') return driver;
  const message = `volume ${volumeName} of claim ${claim} is of no CSI driver, and only those can make snapshots: copy its data by other means`;
  return { reason: 'NoCsiDriver', message, final: true };
}

function claimProblem(
  name: string,
  member: string,
  claim: ClaimFacts | undefined,
  app: PersistentApp,
): BackupProblem | undefined {
  const waits = (why: string): BackupProblem => ({
    reason: 'ClaimNotBound',
    message: `claim ${name} of member ${member} ${why}: the backup begins once it is bound`,
    final: false,
  });
  if (claim === undefined) return waits('does not exist');
  if (claim.labels[LABEL_APP_UID] !== app.metadata.uid) {
    const message = `claim ${name} was not made for this app, so it is not copied: adopt it (spec.retention.reuse), or remove it`;
    return { reason: 'ForeignObject', message, final: true };
  }
  if (claim.deleting) return waits('is being deleted');
  return claim.phase === 'Bound' ? undefined : waits(`is ${claim.phase}`);
}

const LONGEST_NAME = 253;

/** From the backup's UID, so that a backup of the same name that was deleted before is never taken for this one. */
function snapshotName(claim: string, uid: string): string {
  const end = `-${uid.slice(0, 8)}`;
  return `${claim.slice(0, LONGEST_NAME - end.length)}${end}`;
}
