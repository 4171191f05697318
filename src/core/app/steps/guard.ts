import { unsupportedFields } from '../../../api/feature-support.ts';
import { deviceClaimFindings } from '../device-claims.ts';
import { foreignObjects } from '../foreign-objects.ts';
import { frameworkProblem } from '../framework-problem.ts';
import { impossibleConstraint } from '../impossible-constraint.ts';
import { refusedPodFindings, retryRefused } from '../refused-pods.ts';
import type { Situation } from '../situation.ts';
import { unmountedVolumeFindings } from '../unmounted-volume.ts';
import type { Finding, Step, StepName } from './step.ts';

/** What a bad template, framework, class or constraint holds back: new slots. What runs keeps running. */
const PLACING: readonly StepName[] = ['reserve'];
const EVERYTHING_NEW: readonly StepName[] = ['reserve', 'workload', 'update'];

/** Is there anything about the app, or around it, that a person must put right first? All findings are told, not only the first. */
export const guard: Step = {
  name: 'guard',
  run: ({ situation }) => {
    const findings = [
      ...frameworkFindings(situation),
      ...volumeFindings(situation),
      ...templateFindings(situation),
      ...unmountedVolumeFindings(situation),
      ...refusedPodFindings(situation),
      ...constraintFindings(situation),
      ...foreignObjects(situation.facts),
      ...unsupportedFindings(situation),
      ...deviceClaimFindings(situation),
    ];
    return { state: 'done', findings, actions: retryRefused(situation) };
  },
};

function frameworkFindings({ facts }: Situation): readonly Finding[] {
  const problem = frameworkProblem(facts);
  return problem === undefined ? [] : [{ ...problem, stalls: true, holds: PLACING }];
}

function volumeFindings({ volumes, statefulSet }: Situation): readonly Finding[] {
  const holds: readonly StepName[] = statefulSet === undefined ? EVERYTHING_NEW : PLACING;
  return volumes.flatMap(({ problem }) => (problem === undefined ? [] : [{ ...problem, stalls: true, holds }]));
}

function templateFindings({ facts, requestsProblem }: Situation): readonly Finding[] {
  // Of a malformed quantity the API server says neither which nor where.
  const problems = [
    ...(requestsProblem === '' ? [] : [`requests of a container: ${requestsProblem}`]),
    ...(facts.templateProblem === undefined ? [] : [facts.templateProblem]),
  ];
  if (problems.length === 0) return [];
  const message = `the API server refuses the pod template: ${problems.join('; ')}; correct spec.template, what runs already keeps running`;
  return [{ reason: 'InvalidTemplate', message, stalls: true, holds: EVERYTHING_NEW }];
}

function constraintFindings({ app }: Situation): readonly Finding[] {
  const problem = impossibleConstraint(app.spec.placement.constraints, app.spec.replicas);
  return problem === undefined ? [] : [{ ...problem, stalls: true, holds: PLACING }];
}

function unsupportedFindings({ app }: Situation): readonly Finding[] {
  return unsupportedFields(app).map(({ message }) => ({
    reason: 'NotSupportedYet',
    message,
    stalls: false,
    holds: [],
  }));
}
