import { expiredOperations } from '../../operations/expired.ts';
import { OPERATIONS } from '../../operations/registry.ts';
import type { Action } from '../plan.ts';
import type { Situation } from '../situation.ts';
import { type Answer, DONE, type Finding, HELD_BY_OPERATION, type Operation, type Step } from './step.ts';

/**
 * What the AppOperation that is under way still needs to be written. What it is to do was written into its status before: see
 * operations/operation-updates.ts.
 */
export const operate: Step = {
  name: 'operate',
  run: ({ situation }) => {
    const actions: readonly Action[] = [...expiredOperations(situation), ...actionsOf(situation)];
    const operation = operationOf(situation);
    if (operation === undefined) return actions.length === 0 ? DONE : { state: 'do', actions };
    const effects = { actions, findings: [holding(situation)] };
    return answer(actions.length, operation, effects);
  },
};

function answer(count: number, operation: Operation, effects: object): Answer {
  return { state: count === 0 ? 'waiting' : 'do', operation, ...effects };
}

function actionsOf(situation: Situation): readonly Action[] {
  const { running } = situation;
  if (running?.step === undefined) return [];
  const { operation, step } = running;
  return OPERATIONS[operation.spec.type].act(step, { operation, situation });
}

/** What the app's status says of it: an operation that takes no member away is no news of the app. */
function operationOf({ running }: Situation): Operation | undefined {
  if (running === undefined) return undefined;
  const { spec, status, metadata } = running.operation;
  if (!OPERATIONS[spec.type].isDisruptive) return undefined;
  const message = `AppOperation ${metadata.name}: ${status?.message ?? ''}`.slice(0, 1024);
  return {
    type: spec.type,
    progress: status?.progress ?? '',
    blockedBy: (status?.blockedBy ?? '').slice(0, 128),
    message,
  };
}

/** Two who take members away would take two at once. */
function holding({ running }: Situation): Finding {
  const message = `waits for AppOperation ${running?.operation.metadata.name ?? ''} to end`;
  return { reason: HELD_BY_OPERATION, message, stalls: false, holds: ['remount', 'update'] };
}
