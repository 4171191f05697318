import { API_VERSION } from '../../api/group.ts';
import type { PersistentApp } from '../../api/persistent-app.ts';
import type { AppFacts } from '../app/facts.ts';
import { memberName } from '../app/member-name.ts';
import type { Action } from '../app/plan.ts';
import { type MemberClaim, type RemovalWord, holdsCopy, lastBackupOf, needsSnapshot } from './claim-removal.ts';

/** What is next for a claim that is to go. */
export type RemovalStage = 'inUse' | 'snapshotting' | 'removing' | 'going';

export interface Removal {
  readonly of: MemberClaim;
  readonly stage: RemovalStage;
  readonly action: Action | undefined;
  /** What it waits for. */
  readonly message: string;
}

/** One step for a claim that is to go: nothing while a pod may use it; a snapshot first, where that is asked for; then it goes. */
export function removal(word: RemovalWord, of: MemberClaim, facts: AppFacts): Removal {
  const { claim } = of;
  const member = memberName(facts.app.metadata.name, of.ordinal);
  if (claim.deleting) return { of, stage: 'going', action: undefined, message: `claim ${claim.name} is going` };
  const users = facts.pods
    .filter((pod) => pod.name === member || pod.claims.includes(claim.name))
    // A returning member's pod that has no node waits for just this.
    .filter((pod) => word !== 'wipe' || pod.nodeName !== '');
  if (users.length > 0) {
    return { of, stage: 'inUse', action: undefined, message: `waits for pod ${users[0]?.name} to be gone` };
  }
  if (needsSnapshot(word, of, facts.app)) {
    const last = lastBackupOf(of, facts.app);
    const backup = facts.backups?.find(({ metadata }) => metadata.name === last.name);
    if (!holdsCopy(of, backup)) {
      const why = backup?.status?.conditions.find(({ type }) => type === 'Ready')?.message ?? 'it begins';
      const action = backup === undefined ? create(last.name, last.member, facts.app) : undefined;
      return { of, stage: 'snapshotting', action, message: `waits for AppBackup ${last.name}: ${why}` };
    }
  }
  const { namespace, name, uid } = claim;
  const why = WHY[word];
  const action: Action = { kind: 'removeClaim', namespace, name, uid, ordinal: of.ordinal, word, why };
  return { of, stage: 'removing', action, message: `claim ${name} is deleted: ${why}` };
}

const WHY: Readonly<Record<RemovalWord, string>> = {
  whenScaled: 'spec.retention.whenScaled says so',
  whenDeleted: 'spec.retention.whenDeleted says so',
  wipe: 'spec.retention.reuse is Wipe',
};

/** A backup outlives the app: nobody but a person, or `keep`, deletes it. */
function create(name: string, member: string | undefined, app: PersistentApp): Action {
  const { namespace } = app.metadata;
  const spec = { app: app.metadata.name, ...(member === undefined ? {} : { member }) };
  const object = { apiVersion: API_VERSION, kind: 'AppBackup', metadata: { name, namespace }, spec };
  return { kind: 'create', object, why: 'spec.retention says SnapshotThenDelete' };
}

/** The actions of several removals, each object made once. */
export function removalActions(removals: readonly Removal[]): readonly Action[] {
  const seen = new Set<string>();
  return removals.flatMap(({ action }) => {
    if (action === undefined) return [];
    const key = JSON.stringify(action);
    if (seen.has(key)) return [];
    seen.add(key);
    return [action];
  });
}
