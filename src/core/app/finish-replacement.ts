import { FINALIZER_VOLUMES, LABEL_APP_UID } from '../../api/labels.ts';
import type { PersistentApp } from '../../api/persistent-app.ts';
import { relabelPods } from '../adoption/relabel-pods.ts';
import { isOrphaning } from '../backup/claim-removal.ts';
import type { AppFacts } from './facts.ts';
import { ifOurs, isOrphan } from './ownership.ts';
import type { Action, KubeObject } from './plan.ts';
import { controllerOf } from './read-field.ts';
import { readReplacement } from './replacement.ts';
import { understand } from './understand.ts';

/** Whether the app stays, when it is deleted now, until its pods have an owner again. Without it no StatefulSet may be taken away. */
export function isHeld({ metadata }: PersistentApp): boolean {
  return metadata.finalizers.includes(FINALIZER_VOLUMES);
}

export function holdOf({ metadata: { namespace, name, uid } }: PersistentApp, hold: boolean): Action {
  return { kind: 'holdApp', namespace, name, uid, hold };
}

/** The StatefulSet that status says is being replaced, made anew where it is away; nothing when none is. For an app that is otherwise left alone. */
export function bringBack(facts: AppFacts, now: number): readonly Action[] {
  const replacement = readReplacement(facts.app);
  if (replacement === undefined || facts.statefulSet !== undefined) return [];
  const marks = relabelPods(understand(facts, now), replacement.next);
  return marks.length > 0 ? marks : [{ kind: 'apply', object: replacement.next }];
}

interface LeftBehind {
  readonly actions: readonly Action[];
  readonly message: string;
}

/**
 * Pods that would stay behind without an owner when the app goes now: its StatefulSet is away, as status says. It is made anew around them,
 * and garbage collection takes both, or leaves both where the app is deleted with --cascade=orphan. Undefined: there are none.
 */
export function leftBehind(facts: AppFacts, now: number): LeftBehind | undefined {
  const { app, statefulSet } = facts;
  const replacement = readReplacement(app);
  const pods = facts.pods.filter((pod) => isOrphan(app, pod) && !pod.deleting);
  if (replacement === undefined || pods.length === 0) return undefined;
  const count = `${pods.length} ${pods.length === 1 ? 'pod has' : 'pods have'} no StatefulSet, since it is being replaced`;
  if (statefulSet === undefined) {
    const actions = bringBack(facts, now).map((action) => (isOrphaned(facts) ? ownerless(action) : action));
    return { actions, message: `${count}: it is made anew first` };
  }
  if (statefulSet.metadata.uid === replacement.uid) {
    // Not taken away yet: its pods go with it, or stay with it.
    if (statefulSet.metadata['deletionTimestamp'] === undefined) return undefined;
    return { actions: [], message: `${count}: waits for garbage collection to let the pods go` };
  }
  const other = ifOurs(app, statefulSet) === undefined ? ", which is not the app's" : '';
  return {
    actions: [],
    message: `${count}: waits for the StatefulSet ${statefulSet.metadata.name}${other} to take them up`,
  };
}

/**
 * Whether the app is deleted with --cascade=orphan. Garbage collection takes the owner from all children first, and the finalizer from the
 * app last: who comes later sees it by the children.
 */
export function isOrphaned({ app, service, podDisruptionBudget, statefulSet }: AppFacts): boolean {
  if (isOrphaning(app)) return true;
  const children = [service, podDisruptionBudget, statefulSet].filter((child) => child !== undefined);
  return children.some((child) => isOwn(app, child) && controllerOf(child) === undefined);
}

function isOwn({ metadata }: PersistentApp, child: KubeObject): boolean {
  return child.metadata.labels?.[LABEL_APP_UID] === metadata.uid;
}

/** With an owner that goes it would go, too. */
function ownerless(action: Action): Action {
  if (action.kind !== 'apply') return action;
  const { ownerReferences: _owners, ...metadata } = action.object.metadata;
  return { ...action, object: { ...action.object, metadata: { ...metadata, name: action.object.metadata.name } } };
}
