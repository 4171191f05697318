import { ANNOTATION_FILLED_FROM, FINALIZER_VOLUMES } from '../../../src/api/labels.ts';
import { API_VERSION } from '../../../src/api/group.ts';
import { parseAppBackup } from '../../../src/api/parse.ts';
import { memberName } from '../../../src/core/app/member-name.ts';
import type { Action } from '../../../src/core/app/plan.ts';
import { readString } from '../../../src/core/app/read-field.ts';
import { formatTime } from '../../../src/core/app/rfc3339.ts';
import { holdsCopy, lastBackupOf, needsSnapshot, saysRemove } from '../../../src/core/backup/claim-removal.ts';
import { readClaim } from '../../../src/core/facts/read-claim.ts';
import type { WorldState } from './world-state.ts';

type Doing<Kind extends Action['kind']> = Extract<Action, { kind: Kind }>;

/** A claim or an AppBackup; what is there already stays as it is. */
export function createObject(world: WorldState, { object }: Doing<'create'>): void {
  const { name } = object.metadata;
  if (object.kind === 'AppBackup') {
    if (world.backups.has(name)) return;
    const metadata = { ...object.metadata, uid: world.newUid('backup'), generation: 1 };
    world.backups.set(name, parseAppBackup({ ...object, apiVersion: API_VERSION, metadata }));
    return;
  }
  if (world.claims.has(name)) return;
  const uid = world.newUid('claim');
  const claim = readClaim({ ...object, metadata: { ...object.metadata, uid } });
  world.claims.set(name, { ...claim, phase: 'Pending' });
  world.filled.set(uid, readString(object, 'spec', 'dataSourceRef', 'name'));
}

/** Deletes the claim, and judges whether that was right. */
export function removeClaim(world: WorldState, { name, uid, ordinal, word }: Doing<'removeClaim'>): void {
  const claim = world.claims.get(name);
  if (claim?.uid !== uid) return;
  const of = { claim, ordinal };
  if (!saysRemove(word, of, world.app)) world.violations.push(`removed ${name}, and nothing says so`);
  const pod = world.pods.get(memberName(world.app.metadata.name, ordinal));
  if (pod !== undefined && pod.nodeName !== '') world.violations.push(`removed ${name} while ${pod.name} is there`);
  if (needsSnapshot(word, of, world.app) && !holdsCopy(of, world.backups.get(lastBackupOf(of, world.app).name))) {
    world.violations.push(`removed ${name} without a snapshot`);
  }
  world.claims.delete(name);
  world.removed.push(name);
}

/** An app whose last finalizer goes is gone. */
export function holdApp(world: WorldState, { uid, hold }: Doing<'holdApp'>): void {
  const { app } = world;
  if (app.metadata.uid !== uid || (hold && app.metadata.deletionTimestamp !== undefined)) return;
  const others = app.metadata.finalizers.filter((one) => one !== FINALIZER_VOLUMES);
  const finalizers = hold ? [...others, FINALIZER_VOLUMES] : others;
  world.app = { ...app, metadata: { ...app.metadata, finalizers } };
  goneWithoutFinalizers(world);
}

export function goneWithoutFinalizers(world: WorldState): void {
  const { deletionTimestamp, finalizers } = world.app.metadata;
  if (deletionTimestamp !== undefined && finalizers.length === 0) world.isGone = true;
}

export function deleteBackup(world: WorldState, { name, uid }: Doing<'deleteBackup'>): void {
  if (world.backups.get(name)?.metadata.uid === uid) world.backups.delete(name);
}

/** What the controller of backups and the driver do: all bound claims of the app, or of the member, are copied. */
export function takeBackups(world: WorldState): void {
  for (const [name, backup] of world.backups) {
    if (backup.status?.finishedAt !== undefined || backup.spec.app !== world.app.metadata.name) continue;
    const volumes = [...world.claims.values()]
      .filter(
        (claim) =>
          claim.phase === 'Bound' &&
          (backup.spec.member === undefined || claim.name.endsWith(`-${backup.spec.member}`)),
      )
      .map((claim) => ({
        claim: claim.name,
        member: claim.name.replace(/^[a-z]+-/, ''),
        snapshot: `${claim.name}-of-${name}`,
        readyToUse: true,
      }));
    const now = formatTime(world.now);
    world.backups.set(
      name,
      parseAppBackup({ ...backup, status: { startedAt: now, finishedAt: now, readyToUse: true, volumes } }),
    );
  }
}

/** Where a claim's content is from; undefined: it was made empty. */
export function filledFrom(world: WorldState, claim: string): string | undefined {
  const found = world.claims.get(claim);
  if (found?.annotations[ANNOTATION_FILLED_FROM] === undefined) return undefined;
  return world.filled.get(found.uid);
}
