import { ANNOTATION_ADOPT } from '../../api/labels.ts';
import type { PersistentApp } from '../../api/persistent-app.ts';
import type { AppFacts } from '../app/facts.ts';
import { ownershipOf } from '../app/ownership.ts';
import { adoptionProblems } from './adoption-problems.ts';
import type { Adoption } from './adoption-state.ts';

const NONE: Adoption = { kind: 'none' };

/**
 * Whether the app is to be made of a StatefulSet that runs already. Only the UID that the app itself names proves that this is wanted; the
 * name alone never does.
 */
export function adoptionOf(facts: AppFacts): Adoption {
  const { app, statefulSet } = facts;
  const uid = app.metadata.annotations[ANNOTATION_ADOPT];
  if (uid === undefined || isOver(app, uid)) return NONE;
  if (statefulSet === undefined) return isUnderWay(app, uid) ? NONE : refused(app, `there is none of UID ${uid}`);
  if (ownershipOf(app, statefulSet) === 'ours') return NONE;
  if (statefulSet.metadata.uid !== uid) {
    const message = `it has UID ${statefulSet.metadata.uid ?? ''} and ${uid} was to be adopted: it was made again since then`;
    return isUnderWay(app, uid) ? NONE : refused(app, message);
  }
  // From here on there is no way back, and what was written down is what will be.
  const isGoing = statefulSet.metadata['deletionTimestamp'] !== undefined;
  if (isGoing) return isUnderWay(app, uid) ? { kind: 'adopting', statefulSet } : refused(app, 'it is being deleted');
  const problems = adoptionProblems(facts, statefulSet);
  return problems.length === 0 ? { kind: 'adopting', statefulSet } : refused(app, problems.join('; '));
}

/** The app has its own StatefulSet since, whatever has become of that one. */
function isOver({ status }: PersistentApp, uid: string): boolean {
  return status?.adopted === uid;
}

function isUnderWay({ status }: PersistentApp, uid: string): boolean {
  return status?.replacement?.uid === uid;
}

function refused({ metadata }: PersistentApp, why: string): Adoption {
  const message = `StatefulSet ${metadata.name} is not adopted and stays as it is: ${why}`;
  return { kind: 'refused', message: message.slice(0, 2000) };
}

/** What status says of an adoption that is over: the UID of the StatefulSet that the app was made of. */
export function adoptedStatus(app: PersistentApp, replacement: unknown): { readonly adopted?: string } {
  const uid = app.metadata.annotations[ANNOTATION_ADOPT];
  const { status } = app;
  if (uid === undefined) return status?.adopted === undefined ? {} : { adopted: status.adopted };
  const isDone = isOver(app, uid) || (isUnderWay(app, uid) && replacement === undefined);
  return isDone ? { adopted: uid } : {};
}
