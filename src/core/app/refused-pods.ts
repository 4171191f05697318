import { ANNOTATION_PODS_TAKEN } from './build/annotations.ts';
import { foreignObjects } from './foreign-objects.ts';
import type { Action } from './plan.ts';
import { formatTime } from './rfc3339.ts';
import type { Situation } from './situation.ts';
import type { Finding } from './steps/step.ts';

/** Members without a pod, though the StatefulSet is to run it and nobody else's pod has the name. By ordinal. */
function missingPods({ members, livePods, facts }: Situation): readonly string[] {
  const names = new Set(facts.pods.map((pod) => pod.name));
  return members
    .filter(({ name, ordinal, wanted }) => wanted && ordinal < livePods && !names.has(name))
    .map(({ name }) => name);
}

/** The StatefulSet says only in an event that its pods are refused (a quota, a limit range, a webhook): the app must say so itself. */
export function refusedPodFindings(situation: Situation): readonly Finding[] {
  const { problem } = situation.facts.podAnswer ?? {};
  const missing = problem === undefined ? [] : missingPods(situation);
  const [first] = missing;
  if (problem === undefined || first === undefined) return [];
  const whose = missing.length === 1 ? `the pod of ${first}` : `the pods of ${missing.length} members, ${first} first`;
  const message = `the API server refuses ${whose}: ${problem}; ${adviceFor(problem)}: then members start by themselves, and what runs goes on`;
  return [{ reason: 'PodRefused', message, stalls: true, holds: [] }];
}

const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/exceeded quota|failed quota/, 'raise the quota (kubectl describe quota), or stop something in the namespace'],
  [
    /(maximum|minimum) .* (usage|ratio|limit)|limit to request ratio/,
    'keep the template within the LimitRange (kubectl describe limits), or change that',
  ],
  [/webhook/, 'ask who runs the webhook, or change spec.template'],
];

function adviceFor(problem: string): string {
  return ADVICE.find(([words]) => words.test(problem))?.[1] ?? 'change what refuses them, or spec.template';
}

/**
 * The StatefulSet controller tries again after up to 17 minutes once it was refused often enough, or once somebody's pod had a member's name
 * for long enough; any change of its object lets it try at once. So the time since which pods are taken is written there, once.
 */
export function retryRefused(situation: Situation): readonly Action[] {
  const { statefulSet, facts } = situation;
  const taken = facts.podAnswer?.takenSinceSeconds;
  const since = taken === undefined ? freedName(situation) : formatTime(taken);
  if (since === undefined || statefulSet === undefined || missingPods(situation).length === 0) return [];
  const { namespace = '', name, uid = '', annotations = {} } = statefulSet.metadata;
  if (annotations[ANNOTATION_PODS_TAKEN] === since) return [];
  const target = { apiVersion: 'apps/v1', kind: 'StatefulSet', namespace, name, uid };
  return [{ kind: 'mark', target, annotations: { [ANNOTATION_PODS_TAKEN]: since } }];
}

/** While the status still says that a pod of somebody is in the way, and none is: since when it said so, which is a text of its own. */
function freedName({ facts, app }: Situation): string | undefined {
  const stalled = app.status?.conditions.find(({ type, status }) => type === 'Stalled' && status === 'True');
  if (stalled?.reason !== 'ForeignObject' || foreignObjects(facts).some(({ stalls }) => stalls)) return undefined;
  return stalled.lastTransitionTime;
}
