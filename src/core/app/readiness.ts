import type { PodFacts } from '../facts/pod-facts.ts';
import { ANNOTATION_TEMPLATE } from './build/annotations.ts';
import type { KubeObject } from './plan.ts';
import { readNumber, readString } from './read-field.ts';
import type { Member, Situation } from './situation.ts';

/** Ready and staying: a pod that is being deleted does not count. */
export function isReady({ pod }: Member): boolean {
  return pod !== undefined && pod.ready && !pod.deleting;
}

/** Epoch seconds from which a ready member counts for the next step of an update; undefined when it is not ready. */
export function provenAt(member: Member, { app }: Pick<Situation, 'app'>): number | undefined {
  if (!isReady(member)) return undefined;
  return (member.pod?.readySinceSeconds ?? 0) + app.spec.update.minReadySeconds;
}

/** Revision of the template that a pod was made from. */
export function revisionOf(pod: Pick<PodFacts, 'labels'>): string {
  return pod.labels['controller-revision-hash'] ?? '';
}

/** Whether the StatefulSet controller has seen the StatefulSet as it is: before, it would make pods from the old template. */
export function isObserved(statefulSet: KubeObject): boolean {
  return (readNumber(statefulSet, 'status', 'observedGeneration') ?? 0) >= (statefulSet.metadata.generation ?? 0);
}

/**
 * Whether a pod has another template than the StatefulSet. A template that differs in its scheduling fields alone is the same one: these
 * only say where pods may go.
 */
export function isOutdated(pod: PodFacts, statefulSet: KubeObject): boolean {
  if (revisionOf(pod) === readString(statefulSet, 'status', 'updateRevision') && isObserved(statefulSet)) return false;
  const wanted = readString(statefulSet, 'spec', 'template', 'metadata', 'annotations', ANNOTATION_TEMPLATE);
  return pod.annotations[ANNOTATION_TEMPLATE] !== wanted;
}
