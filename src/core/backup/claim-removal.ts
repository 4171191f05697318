import { ANNOTATION_RETENTION, ANNOTATION_RETIRED, LABEL_APP, LABEL_APP_UID } from '../../api/labels.ts';
import type { AppBackup } from '../../api/app-backup.ts';
import type { PersistentApp } from '../../api/persistent-app.ts';
import { memberName } from '../app/member-name.ts';
import type { ClaimFacts } from '../facts/storage-facts.ts';

/** Which field of the app says that a claim goes: retention.whenScaled, retention.whenDeleted, or retention.reuse. */
export type RemovalWord = 'whenScaled' | 'whenDeleted' | 'wipe';

/** A claim, with the member whose volume it is. */
export interface MemberClaim {
  readonly claim: ClaimFacts;
  readonly ordinal: number;
}

/** The finalizer that the garbage collector removes after it has let all children go: `kubectl delete --cascade=orphan`. */
const ORPHAN = 'orphan';

/**
 * Whether the app says that this claim is to go, by this word. Judged twice: on what is in memory, and on what is live right before the
 * deletion. A claim that was retired while the app said Retain is kept, whatever the app says later: nobody said it of that claim.
 */
export function saysRemove(word: RemovalWord, { claim, ordinal }: MemberClaim, app: PersistentApp): boolean {
  const isDeleted = app.metadata.deletionTimestamp !== undefined;
  if (isDeleted !== (word === 'whenDeleted')) return false;
  return SAYS[word](app, ordinal) && MEANT[word](claim, app);
}

/** What the app must say. */
const SAYS: Readonly<Record<RemovalWord, (app: PersistentApp, ordinal: number) => boolean>> = {
  whenScaled: ({ spec }, ordinal) => ordinal >= spec.replicas && spec.retention.whenScaled !== 'Retain',
  whenDeleted: (app) => app.spec.retention.whenDeleted !== 'Retain' && !isOrphaning(app),
  wipe: ({ spec }, ordinal) => ordinal < spec.replicas && spec.retention.reuse === 'Wipe',
};

/** Which claims it says it of. */
const MEANT: Readonly<Record<RemovalWord, (claim: ClaimFacts, app: PersistentApp) => boolean>> = {
  whenScaled: wasToGo,
  whenDeleted: isOwn,
  wipe: wasMade,
};

export function isOrphaning({ metadata }: PersistentApp): boolean {
  return metadata.finalizers.includes(ORPHAN);
}

function wasToGo(claim: ClaimFacts, app: PersistentApp): boolean {
  return isRetired(claim) && claim.labels[LABEL_APP_UID] === app.metadata.uid && isMarked(claim);
}

function isOwn(claim: ClaimFacts, app: PersistentApp): boolean {
  return claim.labels[LABEL_APP_UID] === app.metadata.uid && (!isRetired(claim) || isMarked(claim));
}

/** Of this app, or of one of its name that is gone. What never carried an app's labels is somebody else's. */
function wasMade(claim: ClaimFacts, app: PersistentApp): boolean {
  const uid = claim.labels[LABEL_APP_UID];
  if (uid === undefined || claim.labels[LABEL_APP] !== app.metadata.name) return false;
  return isRetired(claim) || uid !== app.metadata.uid;
}

function isRetired({ annotations }: ClaimFacts): boolean {
  return annotations[ANNOTATION_RETIRED] !== undefined;
}

/** What the app said of it when it was retired. */
function isMarked({ annotations }: ClaimFacts): boolean {
  return annotations[ANNOTATION_RETENTION] === 'Delete' || annotations[ANNOTATION_RETENTION] === 'SnapshotThenDelete';
}

/** Whether a snapshot must be there first: when either the claim's mark or the app says so, and there is anything in it. */
export function needsSnapshot(word: RemovalWord, { claim }: MemberClaim, app: PersistentApp): boolean {
  if (word === 'wipe' || claim.volumeName === '') return false;
  const said = word === 'whenScaled' ? app.spec.retention.whenScaled : app.spec.retention.whenDeleted;
  return said === 'SnapshotThenDelete' || claim.annotations[ANNOTATION_RETENTION] === 'SnapshotThenDelete';
}

/** The last backup of a claim: of the member when it was scaled in, of the whole app when that is deleted. */
export interface LastBackup {
  readonly name: string;
  /** Undefined: all members. */
  readonly member: string | undefined;
}

/** Its name follows from when the claim was retired, or the app deleted, so that it is found again after a crash. */
export function lastBackupOf({ claim, ordinal }: MemberClaim, app: PersistentApp): LastBackup {
  const { name, deletionTimestamp } = app.metadata;
  const retiredAt = claim.annotations[ANNOTATION_RETIRED];
  if (retiredAt === undefined) return { name: `${name}-last-${digits(deletionTimestamp ?? '')}`, member: undefined };
  const member = memberName(name, ordinal);
  return { name: `${member}-last-${digits(retiredAt)}`, member };
}

function digits(time: string): string {
  return time.replaceAll(/\D/g, '').slice(0, 14);
}

/** Whether the backup holds a copy of this claim from which a volume can be made. */
export function holdsCopy({ claim }: MemberClaim, backup: AppBackup | undefined): boolean {
  if (backup === undefined || backup.metadata.deletionTimestamp !== undefined) return false;
  const { status } = backup;
  if (status?.finishedAt === undefined) return false;
  return status.volumes.some((volume) => volume.claim === claim.name && volume.readyToUse);
}
