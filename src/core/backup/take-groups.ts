import type { AppBackup } from '../../api/app-backup.ts';
import { LABEL_APP_UID, LABEL_BACKUP_GROUP } from '../../api/labels.ts';
import type { KubeObject } from '../app/plan.ts';
import type { ClaimFacts } from '../facts/storage-facts.ts';
import type { BackupFacts } from './backup-facts.ts';
import { ownedByBackup } from './build-snapshot.ts';
import type { VolumeBackup } from './volume-backup.ts';

/** A claim that is to carry the label of a group, or not any more (undefined). */
export interface ClaimMark {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly group: string | undefined;
}

export interface GroupsToTake {
  readonly marks: readonly ClaimMark[];
  readonly create: readonly KubeObject[];
}

/**
 * What is next for the volumes of groups that do not exist yet: first the labels by which the snapshot controller finds their claims and
 * no others; then, once those are seen, the VolumeGroupSnapshot.
 */
export function takeGroups(missing: readonly VolumeBackup[], facts: BackupFacts): GroupsToTake {
  const groups = [...Map.groupBy(missing, ({ group }) => group)].map(([name, volumes]) =>
    takeGroup(name, volumes, facts),
  );
  return { marks: groups.flatMap(({ marks }) => marks), create: groups.flatMap(({ create }) => create) };
}

function takeGroup(name: string, volumes: readonly VolumeBackup[], facts: BackupFacts): GroupsToTake {
  const [first] = volumes;
  const wanted = new Set(volumes.map(({ claim }) => claim));
  const own = facts.claims.filter((claim) => wanted.has(claim.name));
  const appUid = own[0]?.labels[LABEL_APP_UID];
  if (first === undefined || appUid === undefined) return { marks: [], create: [] };
  const { member } = first;
  const strangers = facts.claims.filter(
    (claim) =>
      claim.labels[LABEL_BACKUP_GROUP] === member && claim.labels[LABEL_APP_UID] === appUid && !wanted.has(claim.name),
  );
  const marks = [
    ...own.filter(({ labels }) => labels[LABEL_BACKUP_GROUP] !== member).map((claim) => mark(claim, member)),
    ...strangers.map((claim) => mark(claim, undefined)),
  ];
  if (marks.length > 0) return { marks, create: [] };
  return { marks, create: [buildGroup(facts.backup, name, first, appUid)] };
}

function mark({ namespace, name, uid }: ClaimFacts, group: string | undefined): ClaimMark {
  return { namespace, name, uid, group };
}

/** The backup controls the group, and the group the VolumeSnapshots that the snapshot controller makes for it. */
function buildGroup(
  backup: AppBackup,
  name: string,
  { member, snapshotClassName }: VolumeBackup,
  appUid: string,
): KubeObject {
  return {
    apiVersion: 'groupsnapshot.storage.k8s.io/v1',
    kind: 'VolumeGroupSnapshot',
    metadata: ownedByBackup(backup, name, member),
    spec: {
      volumeGroupSnapshotClassName: snapshotClassName,
      source: { selector: { matchLabels: { [LABEL_APP_UID]: appUid, [LABEL_BACKUP_GROUP]: member } } },
    },
  };
}
