import type { AppOperation } from '../../api/app-operation.ts';
import { canonicalJson } from '../app/intent-hash.ts';
import type { Plan } from '../app/plan.ts';
import type { Situation } from '../app/situation.ts';
import type { Answer, StepName } from '../app/steps/step.ts';
import { expiresAt } from './expired.ts';
import { nextStatus } from './next-status.ts';
import { isFinished, runningOperation } from './running-operation.ts';

export interface OperationUpdates {
  readonly updates: NonNullable<Plan['operations']>;
  /** When a status changes by itself, epoch seconds. */
  readonly wakeAtSeconds?: number;
}

/** What the status of each operation of the app should say now, where that differs. One is under way at a time; the oldest is next. */
export function operationUpdates(
  situation: Situation,
  answers: ReadonlyMap<StepName, Pick<Answer, 'actions'>>,
): OperationUpdates {
  const operations = situation.facts.operations ?? [];
  if (operations.length === 0) return { updates: [] };
  const first = runningOperation(operations)?.operation ?? oldest(operations);
  const isUpdating = (['drain', 'remount', 'update'] as const).some(
    (step) => (answers.get(step)?.actions ?? []).length > 0,
  );
  const next = operations.map((operation) => {
    const held = operation === first ? heldByUpdate(isUpdating) : behind(first);
    return { operation, ...nextStatus({ operation, situation }, held) };
  });
  const times = [
    ...next.flatMap(({ wakeAtSeconds }) => wakeAtSeconds ?? []),
    ...operations.flatMap((operation) => expiresAt(operation) ?? []),
  ];
  return {
    updates: next
      .filter(({ operation, status }) => canonicalJson(status) !== canonicalJson(operation.status))
      .map(({ operation, status }) => ({ operation, status })),
    ...(times.length === 0 ? {} : { wakeAtSeconds: Math.min(...times) }),
  };
}

/** A member that an update restarts right now may still look ready: nothing else begins in the same moment. */
function heldByUpdate(isUpdating: boolean) {
  const message = 'waits for the update or drain that takes a member away now';
  return isUpdating ? { check: 'Update', message } : undefined;
}

function behind(first: AppOperation | undefined) {
  const name = first?.metadata.name ?? '';
  return { check: `AppOperation/${name}`, message: `waits for AppOperation ${name}: one is done at a time` };
}

function oldest(operations: readonly AppOperation[]): AppOperation | undefined {
  return operations
    .filter((operation) => !isFinished(operation))
    .toSorted((a, b) => (ageKey(a) < ageKey(b) ? -1 : 1))[0];
}

function ageKey({ metadata }: AppOperation): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.name}`;
}
