import type { Condition, ConditionType } from '../../../api/condition.ts';
import type { PersistentApp } from '../../../api/persistent-app.ts';
import { formatTime } from '../rfc3339.ts';

/** A condition as we find it now, before it is compared with the last one. */
export interface FoundCondition {
  readonly type: ConditionType;
  readonly status: Condition['status'];
  readonly reason: string;
  readonly message: string;
}

/**
 * The conditions to write: those found now, each with the time at which its status last changed, and those of others as they are. The
 * time moves only with the status, so that nothing is written at rest.
 */
export function mergeConditions(
  app: PersistentApp,
  found: readonly FoundCondition[],
  now: number,
): readonly Condition[] {
  const before = app.status?.conditions ?? [];
  const types = new Set<string>(found.map((condition) => condition.type));
  const merged = found.map(({ type, status, reason, message }) => {
    const last = before.find((condition) => condition.type === type);
    const lastTransitionTime = last?.status === status ? last.lastTransitionTime : formatTime(now);
    return {
      type,
      status,
      observedGeneration: app.metadata.generation,
      lastTransitionTime,
      reason,
      message: message.slice(0, 32_768),
    };
  });
  return [...merged, ...before.filter((condition) => !types.has(condition.type))];
}

/** Whether a condition was True in the last status. */
export function wasTrue(app: PersistentApp, type: ConditionType): boolean {
  return app.status?.conditions.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}
