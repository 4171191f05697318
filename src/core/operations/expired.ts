import type { AppOperation } from '../../api/app-operation.ts';
import type { Action } from '../app/plan.ts';
import { parseTime } from '../app/rfc3339.ts';
import type { Situation } from '../app/situation.ts';
import { isFinished } from './running-operation.ts';

/** When an operation that has ended is removed, epoch seconds; undefined: it has not ended. */
export function expiresAt(operation: AppOperation): number | undefined {
  const ended = parseTime(operation.status?.finishedAt);
  return isFinished(operation) && ended !== undefined ? ended + operation.spec.ttlSecondsAfterFinished : undefined;
}

/** The objects of operations that ended long enough ago go, and nothing else does. */
export function expiredOperations({ facts, now }: Pick<Situation, 'facts' | 'now'>): readonly Action[] {
  return (facts.operations ?? [])
    .filter(
      (operation) => operation.metadata.deletionTimestamp === undefined && (expiresAt(operation) ?? Infinity) <= now,
    )
    .map(({ metadata: { namespace, name, uid } }) => ({ kind: 'deleteOperation', namespace, name, uid }));
}
