import { ANNOTATION_FILLED_FROM, FINALIZER_VOLUMES, LABEL_APP_UID } from '../api/labels.ts';
import { parseAppBackup, parsePersistentApp } from '../api/parse.ts';
import type { AppBackup } from '../api/app-backup.ts';
import type { PersistentApp } from '../api/persistent-app.ts';
import type { AppRef } from '../core/allocator/demand.ts';
import { memberName } from '../core/app/member-name.ts';
import type { Action, KubeObject } from '../core/app/plan.ts';
import { controllerOf, readField, readNumber, readString } from '../core/app/read-field.ts';
import { type MemberClaim, holdsCopy, lastBackupOf, needsSnapshot, saysRemove } from '../core/backup/claim-removal.ts';
import { readGroupSnapshot, readSnapshot } from '../core/backup/read-snapshot.ts';
import { isScheduledBy } from '../core/backup/schedule.ts';
import type { SnapshotFacts } from '../core/backup/snapshot-facts.ts';
import { readClaim } from '../core/facts/read-claim.ts';
import { classify } from '../kube/errors.ts';
import {
  PERSISTENT_VOLUME_CLAIM,
  POD,
  STATEFUL_SET,
  VOLUME_GROUP_SNAPSHOT,
  VOLUME_SNAPSHOT,
  typeOf,
} from '../kube/resource-type.ts';
import type { Writer } from '../kube/writer.ts';
import type { Log } from './log.ts';
import { NotOursError } from './not-ours-error.ts';
import { APP_BACKUP, PERSISTENT_APP } from './own-types.ts';

export interface BackupActionsOptions {
  readonly writer: Pick<Writer, 'create' | 'delete' | 'get' | 'patchCas'>;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

type Doing<Kind extends Action['kind']> = Extract<Action, { kind: Kind }>;

/** Writes around volumes and their copies. Whatever is deleted here is read live first, together with the word that it goes by. */
export class BackupActions {
  readonly #options: BackupActionsOptions;

  constructor(options: BackupActionsOptions) {
    this.#options = options;
  }

  /** Makes a claim or an AppBackup. One of its name that was made for the same is it; any other is in the way, and is told. */
  async create(app: AppRef, { object, why }: Doing<'create'>): Promise<void> {
    const { writer, log } = this.#options;
    const { namespace, name } = object.metadata;
    const { kind } = object;
    try {
      await writer.create(object);
      log.info({ namespace, app: app.name, kind, name, why }, 'made an object');
    } catch (error) {
      if (classify(error) !== 'alreadyExists') throw error;
      const live = await writer.get(typeOf(object.apiVersion, kind), namespace, name);
      // Gone again, or going: the next look at it decides.
      if (live === undefined || isSame(object, live as KubeObject)) return;
      throw new NotOursError(
        `${kind} ${namespace}/${name} exists and was not made for this (${why}): remove it, or rename the app`,
      );
    }
  }

  async removeClaim(app: AppRef, action: Doing<'removeClaim'>): Promise<void> {
    const { writer, log } = this.#options;
    const { namespace, name, uid, ordinal, word, why } = action;
    const raw = await writer.get(PERSISTENT_VOLUME_CLAIM, namespace, name);
    const live = await this.#liveApp(app);
    if (raw?.metadata.uid !== uid || live === undefined || live.spec.paused) return;
    const of = { claim: readClaim(raw), ordinal };
    if (!saysRemove(word, of, live) || !(await this.#isFree(live, ordinal, word))) return;
    if (needsSnapshot(word, of, live) && !(await this.#isCopied(of, live))) return;
    log.info({ namespace, app: app.name, claim: name, volume: of.claim.volumeName, why }, 'deleting a claim');
    const { resourceVersion } = raw.metadata;
    await writer.delete(PERSISTENT_VOLUME_CLAIM, namespace, name, { uid, resourceVersion });
  }

  async deleteBackup(app: AppRef, { namespace, name, uid, keep, why }: Doing<'deleteBackup'>): Promise<void> {
    const { writer, log } = this.#options;
    const raw = await writer.get(APP_BACKUP, namespace, name);
    const live = await this.#liveApp(app);
    if (raw?.metadata.uid !== uid || live === undefined || !isScheduledBy(live, parseAppBackup(raw))) return;
    // Somebody who says now that more is kept, or that nothing goes, is heard.
    const isOver = live.metadata.deletionTimestamp !== undefined || live.spec.paused;
    if (isOver || live.spec.backup === undefined || live.spec.backup.keep > keep) return;
    log.info({ namespace, app: app.name, backup: name, why }, 'deleting a backup');
    const { resourceVersion } = raw.metadata;
    await writer.delete(APP_BACKUP, namespace, name, { uid, resourceVersion, propagation: 'Background' });
  }

  /** Puts the finalizer on the app, or takes it off; nobody else's is touched. */
  async holdApp(app: AppRef, { namespace, name, uid, hold }: Doing<'holdApp'>): Promise<void> {
    const { writer } = this.#options;
    const raw = await writer.get(PERSISTENT_APP, namespace, name);
    if (raw === undefined || raw.metadata.uid !== uid || app.uid !== uid) return;
    const { finalizers, deletionTimestamp } = parsePersistentApp(raw).metadata;
    // The API server lets nobody hold what is being deleted.
    if (hold === finalizers.includes(FINALIZER_VOLUMES) || (hold && deletionTimestamp !== undefined)) return;
    const next = hold ? [...finalizers, FINALIZER_VOLUMES] : finalizers.filter((one) => one !== FINALIZER_VOLUMES);
    const version = raw.metadata.resourceVersion ?? '';
    await writer.patchCas(PERSISTENT_APP, namespace, name, { metadata: { finalizers: next } }, version);
  }

  async #liveApp({ namespace, name, uid }: AppRef): Promise<PersistentApp | undefined> {
    const raw = await this.#options.writer.get(PERSISTENT_APP, namespace, name);
    return raw === undefined || raw.metadata.uid !== uid ? undefined : parsePersistentApp(raw);
  }

  /** No pod of the member can use the volume, and no StatefulSet would make one at once. */
  async #isFree({ metadata }: PersistentApp, ordinal: number, word: Doing<'removeClaim'>['word']): Promise<boolean> {
    const { writer } = this.#options;
    const { namespace, name } = metadata;
    const pod = await writer.get(POD, namespace, memberName(name, ordinal));
    const isOnNode = pod !== undefined && readString(pod, 'spec', 'nodeName') !== '';
    if (isOnNode || (pod !== undefined && word !== 'wipe')) return false;
    const set = await writer.get(STATEFUL_SET, namespace, name);
    if (set === undefined) return true;
    // One that was let go, or is somebody's, has the claims by name, whether or not its pod is there at the moment.
    if (controllerOf(set as KubeObject)?.uid !== metadata.uid) return false;
    const isGoing = readField(set, 'metadata', 'deletionTimestamp') !== undefined;
    return word === 'wipe' || isGoing || (readNumber(set, 'spec', 'replicas') ?? 1) <= ordinal;
  }

  async #isCopied(of: MemberClaim, app: PersistentApp): Promise<boolean> {
    const { writer } = this.#options;
    const { namespace } = app.metadata;
    const raw = await writer.get(APP_BACKUP, namespace, lastBackupOf(of, app).name);
    const backup = raw === undefined ? undefined : parseAppBackup(raw);
    if (backup === undefined || backup.spec.app !== app.metadata.name || !holdsCopy(of, backup)) return false;
    const copy = backup.status?.volumes.find((volume) => volume.claim === of.claim.name);
    const snapshot = await writer.get(VOLUME_SNAPSHOT, namespace, copy?.snapshot ?? '');
    if (snapshot === undefined) return false;
    const found = readSnapshot(snapshot);
    return found.readyToUse && !found.deleting && found.claim === of.claim.name && this.#isOfBackup(found, backup);
  }

  /** The backup controls it, or the group that the snapshot controller made it for. */
  async #isOfBackup({ ownerUid: own, group, namespace }: SnapshotFacts, backup: AppBackup): Promise<boolean> {
    if (own === backup.metadata.uid) return true;
    if (group === undefined) return false;
    const raw = await this.#options.writer.get(VOLUME_GROUP_SNAPSHOT, namespace, group.name);
    if (raw?.metadata.uid !== group.uid) return false;
    const { ownerUid, deleting } = readGroupSnapshot(raw);
    return ownerUid === backup.metadata.uid && !deleting;
  }
}

/** Whether an object that is there is what we wanted to make: for the same app, and of the same content. */
function isSame(wanted: KubeObject, live: KubeObject): boolean {
  if (wanted.kind === 'AppBackup') {
    return ['app', 'member'].every((field) => readString(wanted, 'spec', field) === readString(live, 'spec', field));
  }
  const fields = [
    ['metadata', 'labels', LABEL_APP_UID],
    ['metadata', 'annotations', ANNOTATION_FILLED_FROM],
    ['spec', 'volumeName'],
  ] as const;
  return fields.every((path) => {
    const text = readString(wanted, ...path);
    return text === '' || text === readString(live, ...path);
  });
}
