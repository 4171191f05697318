import type { Action } from '../app/plan.ts';
import { isReady } from '../app/readiness.ts';
import type { OperationInput, OperationType } from './operation-type.ts';

/** No pods, volumes kept: the same as `spec.suspend`, which it sets. */
export const park: OperationType = {
  isDisruptive: true,
  refusal: () => undefined,
  phases: () => [{ name: 'Park', steps: [{ name: 'stop all members', member: '' }] }],
  waitsFor: () => undefined,
  begin: () => [],
  judge: (_step, { situation }) => {
    const running = situation.members.filter((member) => member.pod !== undefined).length;
    return situation.app.spec.suspend && running === 0 && situation.livePods === 0
      ? { state: 'Complete', message: 'no pods run; volumes and the places of node-local ones are kept' }
      : { state: 'Running', message: `${running} pods are still there`, blockedBy: 'PodGone' };
  },
  act: (_step, input) => suspending(true, input),
  mayStop: (_step, { situation }) => !situation.app.spec.suspend,
};

/** The end of Park. */
export const resume: OperationType = {
  isDisruptive: true,
  refusal: () => undefined,
  phases: () => [{ name: 'Resume', steps: [{ name: 'start all members', member: '' }] }],
  waitsFor: () => undefined,
  begin: () => [],
  judge: (_step, { situation }) => {
    const wanted = situation.members.filter((member) => member.wanted);
    const ready = wanted.filter(isReady).length;
    return !situation.app.spec.suspend && ready === wanted.length
      ? { state: 'Complete', message: `${ready} members are ready` }
      : { state: 'Running', message: `${ready} of ${wanted.length} members are ready`, blockedBy: 'MemberReady' };
  },
  act: (_step, input) => suspending(false, input),
  mayStop: () => true,
};

function suspending(suspend: boolean, { operation, situation: { app } }: OperationInput): readonly Action[] {
  if (app.spec.suspend === suspend) return [];
  const { namespace, name, uid } = app.metadata;
  return [{ kind: 'suspend', namespace, name, uid, suspend, why: `AppOperation ${operation.metadata.name}` }];
}
