import { LABEL_APP, LABEL_APP_UID } from '../../api/labels.ts';
import { adoptionOf } from '../adoption/adoption.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import { buildDisruptionBudget } from './build/disruption-budget.ts';
import type { AppFacts } from './facts.ts';
import { ordinalOf } from './member-name.ts';
import { ifOurs, ownershipOf, podOwnership } from './ownership.ts';
import type { KubeObject } from './plan.ts';
import { controllerOf } from './read-field.ts';
import { ownSlots } from './situation.ts';
import type { Finding, StepName } from './steps/step.ts';

/** What has our name or labels and is not ours: never touched, always told. Order and words are stable. */
export function foreignObjects(facts: AppFacts): readonly Finding[] {
  return [
    // One that the app names is its own matter, whatever it is called.
    ...(facts.app.spec.serviceName === undefined ? foreignChild(facts, facts.service, ['workload', 'update']) : []),
    ...foreignStatefulSet(facts),
    // Without a budget of ours the app runs as well; the workload step leaves it alone.
    ...(buildDisruptionBudget(facts.app) === undefined ? [] : foreignChild(facts, facts.podDisruptionBudget, [])),
    ...formerReservation(facts),
    ...foreignPods(facts),
  ];
}

function foreignStatefulSet(facts: AppFacts): readonly Finding[] {
  const adoption = adoptionOf(facts);
  if (adoption.kind === 'none') return foreignChild(facts, facts.statefulSet, ['workload', 'update', 'reserve']);
  if (adoption.kind === 'adopting') return [];
  const holds: readonly StepName[] = ['volumes', 'reserve', 'workload', 'update', 'retention'];
  return [{ reason: 'AdoptionRefused', message: adoption.message, stalls: true, holds }];
}

function foreignChild(
  { app }: AppFacts,
  object: KubeObject | undefined,
  holds: readonly StepName[],
): readonly Finding[] {
  if (object === undefined) return [];
  const ownership = ownershipOf(app, object);
  const what = `${object.kind} ${object.metadata.name}`;
  if (ownership === 'ours') return [];
  if (ownership === 'former') {
    const message = `waits for ${what} of the deleted app of this name to be removed by garbage collection`;
    return [{ reason: 'FormerObject', message, stalls: false, holds: ['workload', 'update', 'reserve'] }];
  }
  const owner = controllerOf(object);
  const whose = owner === undefined ? 'is not managed by Proffer' : `belongs to ${owner.kind} ${owner.name}`;
  const message = `${what} has the name that this app needs and ${whose}: rename the app, or remove the ${object.kind}`;
  return [{ reason: 'ForeignObject', message, stalls: true, holds }];
}

function formerReservation({ app, reservation }: AppFacts): readonly Finding[] {
  if (reservation === undefined || reservation.spec.app.uid === app.metadata.uid) return [];
  const message = `waits for Reservation ${reservation.metadata.name} of the deleted app of this name to be removed by garbage collection`;
  return [{ reason: 'FormerObject', message, stalls: false, holds: ['reserve', 'workload', 'update'] }];
}

function foreignPods(facts: AppFacts): readonly Finding[] {
  const adoption = adoptionOf(facts);
  // Its pods are as little touched as it is, and that is told already.
  if (adoption.kind === 'refused') return [];
  const statefulSet = adoption.kind === 'adopting' ? adoption.statefulSet : ifOurs(facts.app, facts.statefulSet);
  const claimedBy = new Set(ownSlots(facts).map((slot) => slot.podUID));
  const pods = facts.pods
    .filter((pod) => podOwnership(facts.app, pod, statefulSet, claimedBy) === 'foreign' && concerns(facts, pod))
    .map((pod) => pod.name)
    .toSorted();
  if (pods.length === 0) return [];
  const blocks = pods.some((name) => (ordinalOf(facts.app.metadata.name, name) ?? Infinity) < facts.app.spec.replicas);
  const message = `${pods.length === 1 ? 'pod' : 'pods'} ${firstOf(pods)} ${pods.length === 1 ? 'has' : 'have'} the name or the labels of a member, and no StatefulSet of this app controls ${pods.length === 1 ? 'it' : 'them'}: remove ${pods.length === 1 ? 'it' : 'them'}, or the proffer.dev labels`;
  return [{ reason: 'ForeignObject', message, stalls: blocks, holds: [] }];
}

function concerns({ app }: AppFacts, pod: PodFacts): boolean {
  return (
    ordinalOf(app.metadata.name, pod.name) !== undefined ||
    pod.labels[LABEL_APP] === app.metadata.name ||
    pod.labels[LABEL_APP_UID] === app.metadata.uid
  );
}

function firstOf(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
