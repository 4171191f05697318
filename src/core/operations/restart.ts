import type { OperationStep } from '../../api/app-operation.ts';
import type { Action } from '../app/plan.ts';
import { isReady } from '../app/readiness.ts';
import type { Situation } from '../app/situation.ts';
import { memberOf, memberRefusal, podObject, stepPerMember, waitsForOthers } from './chosen-members.ts';
import type { OperationType, PlannedStep, Verdict, Wait } from './operation-type.ts';
import { objectsOf } from './running-operation.ts';

/** Pods one by one: each is deleted, and its successor must be ready before the next goes. */
export const restart: OperationType = {
  isDisruptive: true,
  refusal: memberRefusal,
  phases: (input) => [{ name: 'Restart', steps: stepPerMember('restart', input) }],
  waitsFor: (step, { situation }) => mayGo(step, situation),
  begin: (step, { situation }) => podObject(memberOf(step, situation)),
  judge: (step, { situation }) => newPodVerdict(step, situation),
  act: (step, { operation, situation }) =>
    deleteOldPod(step, situation, `AppOperation ${operation.metadata.name} restarts it`),
  mayStop: (step, { situation }) => hasOldPod(step, situation),
};

/** A member that is not ready may go at any time: nothing is lost by it. */
function mayGo(step: PlannedStep, situation: Situation): Wait | undefined {
  const member = memberOf(step, situation);
  return member !== undefined && !isReady(member) ? undefined : waitsForOthers(step, situation);
}

/** Deletes the very pod that the step found, once. */
export function deleteOldPod(step: OperationStep, situation: Situation, why: string): readonly Action[] {
  if (!hasOldPod(step, situation)) return [];
  const pod = memberOf(step, situation)?.pod;
  return pod === undefined ? [] : [{ kind: 'deletePod', namespace: pod.namespace, name: pod.name, uid: pod.uid, why }];
}

/** Whether the pod that the step found is there and nobody has told it to go. */
export function hasOldPod(step: OperationStep, situation: Situation): boolean {
  const pod = memberOf(step, situation)?.pod;
  return pod !== undefined && !pod.deleting && objectsOf(step, 'Pod').some(({ uid }) => uid === pod.uid);
}

/** The step is over when the member has another pod, and that one is ready. */
export function newPodVerdict(step: OperationStep, situation: Situation): Verdict {
  const member = memberOf(step, situation);
  if (member === undefined || !member.wanted)
    return { state: 'Complete', message: 'the app has no such member any more' };
  const { pod } = member;
  if (pod !== undefined && objectsOf(step, 'Pod').some(({ uid }) => uid === pod.uid)) {
    return { state: 'Running', message: `waits for the old pod on ${pod.nodeName || 'no node'} to be gone` };
  }
  if (pod !== undefined && isReady(member)) return { state: 'Complete', message: `ready on ${pod.nodeName}` };
  const problem = pod?.problem ?? '';
  return {
    state: 'Running',
    message: `waits for ${member.name} to be ready${problem === '' ? '' : `: ${problem}`}`.slice(0, 1024),
    blockedBy: 'MemberReady',
  };
}
