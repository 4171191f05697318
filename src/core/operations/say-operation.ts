import type { AppOperation, AppOperationStatus } from '../../api/app-operation.ts';
import type { Condition } from '../../api/condition.ts';
import { formatTime } from '../app/rfc3339.ts';

type Draft = Omit<AppOperationStatus, 'conditions' | 'observedGeneration' | 'progress'>;

/** The whole status: with progress, and with conditions as kstatus reads them. `now` in epoch seconds. */
export function sayOperation(operation: AppOperation, draft: Draft, now: number): AppOperationStatus {
  const steps = draft.phases.flatMap((phase) => phase.steps);
  const done = steps.filter((step) => step.state === 'Complete').length;
  const { startedAt, finishedAt } = draft;
  return {
    observedGeneration: operation.metadata.generation,
    state: draft.state,
    progress: steps.length === 0 ? '' : `${done}/${steps.length}`,
    blockedBy: draft.blockedBy,
    message: draft.message,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    phases: draft.phases,
    conditions: conditionsOf(operation, draft, now),
  };
}

function conditionsOf(operation: AppOperation, { state, message, blockedBy }: Draft, now: number) {
  const isOver = state !== 'Pending' && state !== 'Running';
  const reason = blockedBy === '' || isOver ? state : blockedBy.replaceAll(/[^A-Za-z0-9_,:]/g, '_');
  return [
    condition(operation, { type: 'Ready', status: state === 'Complete' ? 'True' : 'False', reason, message }, now),
    condition(operation, { type: 'Reconciling', status: isOver ? 'False' : 'True', reason, message }, now),
    condition(
      operation,
      { type: 'Stalled', status: state === 'Failed' ? 'True' : 'False', reason: state, message },
      now,
    ),
  ];
}

/** One that keeps its status keeps its time. */
function condition(
  { metadata, status }: AppOperation,
  found: Pick<Condition, 'type' | 'status' | 'reason' | 'message'>,
  now: number,
): Condition {
  const before = status?.conditions.find(({ type }) => type === found.type);
  const lastTransitionTime = before?.status === found.status ? before.lastTransitionTime : formatTime(now);
  return { ...found, observedGeneration: metadata.generation, lastTransitionTime };
}
