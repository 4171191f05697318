import type { AppOperation, OperationStep } from '../../api/app-operation.ts';

/** The operation that is being done to an app, as it is written down. */
export interface RunningOperation {
  readonly operation: AppOperation;
  /** The step that has begun and not ended; undefined between two steps. */
  readonly step: OperationStep | undefined;
}

const FINISHED: ReadonlySet<string> = new Set(['Complete', 'Failed', 'Cancelled']);

export function isFinished({ status }: AppOperation): boolean {
  return FINISHED.has(status?.state ?? 'Pending');
}

/** Of an app's operations, the one that has begun. There is one at most: another begins only when none has. */
export function runningOperation(operations: readonly AppOperation[]): RunningOperation | undefined {
  const operation = operations.find(({ status }) => status?.state === 'Running');
  if (operation === undefined) return undefined;
  const steps = (operation.status?.phases ?? []).flatMap((phase) => phase.steps);
  return { operation, step: steps.find((step) => step.state === 'Running') };
}

/** Name and UID of what a step found, of that kind. */
export function objectsOf(step: OperationStep, kind: string): OperationStep['objects'] {
  return step.objects.filter((object) => object.kind === kind);
}
