import type { PersistentApp } from '../../api/persistent-app.ts';
import { buildDisruptionBudget } from '../app/build/disruption-budget.ts';
import { buildStatefulSet } from '../app/build/stateful-set.ts';
import type { KubeObject } from '../app/plan.ts';
import { readMap } from '../app/read-field.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import type { ClaimFacts } from '../facts/storage-facts.ts';
import { firstDifference } from './first-difference.ts';

/** What an adoption does to one object. */
export interface Change {
  readonly object: string;
  readonly change: string;
}

/** What would be adopted. */
export interface Adoptee {
  readonly app: PersistentApp;
  readonly statefulSet: KubeObject;
  readonly pods: readonly PodFacts[];
  readonly claims: readonly ClaimFacts[];
}

/** What becomes of each object, in the order in which it happens. No pod restarts, and nothing but one object is deleted. */
export function adoptionChanges({ app, pods, claims }: Omit<Adoptee, 'statefulSet'>): readonly Change[] {
  const { name } = app.metadata;
  const places = pods.map((pod) => `${pod.name} on ${pod.nodeName || '(no node)'}`).join(', ');
  return [
    { object: `PersistentApp ${name}`, change: 'is made' },
    { object: `Reservation ${name}`, change: `is made: a slot for each pod where it runs (${places})` },
    ...claims.map((claim) => ({
      object: `PersistentVolumeClaim ${claim.name}`,
      change: 'gets labels of the app; its data stays',
    })),
    ...(app.spec.serviceName === undefined
      ? [{ object: `Service ${name}`, change: 'is made, headless' }]
      : [{ object: `Service ${app.spec.serviceName}`, change: 'stays as it is, and yours' }]),
    ...(buildDisruptionBudget(app) === undefined ? [] : [{ object: `PodDisruptionBudget ${name}`, change: 'is made' }]),
    {
      object: `StatefulSet ${name}`,
      change: 'is removed without its pods, and made again around them; see the difference',
    },
    ...pods.map((pod) => ({
      object: `Pod ${pod.name}`,
      change: 'gets labels of the app and another StatefulSet of the same name; it runs on',
    })),
  ];
}

/** Lines of the difference between the StatefulSet that is and the one that will be, each with - or + before it. */
export function statefulSetDifference({ app, statefulSet }: Pick<Adoptee, 'app' | 'statefulSet'>): readonly string[] {
  const next = buildStatefulSet(app, {
    claimTemplates: [],
    priorityClass: '',
    replicas: app.spec.replicas,
    launched: app.spec.replicas,
    live: statefulSet,
  });
  const [old, made] = [readMap(statefulSet, 'spec'), readMap(next, 'spec')];
  const fields = [...new Set([...Object.keys(old), ...Object.keys(made)])].toSorted();
  return fields
    .filter((field) => field !== 'template' && field !== 'volumeClaimTemplates')
    .flatMap((field) => {
      // What is not said stays as the API server has it by itself.
      const found = made[field] === undefined ? undefined : firstDifference(old[field], made[field], field);
      if (found === undefined) return [];
      return [`- ${field}: ${JSON.stringify(old[field]) ?? 'nothing'}`, `+ ${field}: ${JSON.stringify(made[field])}`];
    });
}

/** What a pod has more than now, once it is made again for another reason. */
export const WHEN_MADE_AGAIN: readonly string[] = [
  'it is scheduled by Proffer: to the node of its slot, or to a new one when that is lost',
  'labels proffer.dev/app, app-uid and framework; app.kubernetes.io/name, instance and managed-by where it has none',
  'PROFFER_MEMBER, _ORDINAL, _NAMESPACE, _NODE, _ZONE and _SERVICE in the environment of its containers',
  'a toleration for nodes that are set aside for members, and the PriorityClass of members if it names none',
];
