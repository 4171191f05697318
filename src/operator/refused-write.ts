import type { Condition } from '../api/condition.ts';
import type { PersistentAppStatus } from '../api/persistent-app.ts';
import { formatTime } from '../core/app/rfc3339.ts';

/** A write that the API server will refuse until somebody changes something. */
export interface Refusal {
  readonly reason: 'ForeignObject' | 'WriteRefused';
  readonly message: string;
}

const MESSAGE_LIMIT = 1024;

/**
 * The planned status, and that the app is stalled by a refused write. The plan cannot know it, since it is made before anything is
 * written. `before` is the status as it is now: a condition that stays keeps its time.
 */
export function withRefusal(
  planned: PersistentAppStatus,
  before: PersistentAppStatus | undefined,
  { reason, message }: Refusal,
  now: number,
): PersistentAppStatus {
  const old = before?.conditions.find((condition) => condition.type === 'Stalled');
  const stalled: Condition = {
    type: 'Stalled',
    status: 'True',
    observedGeneration: planned.observedGeneration,
    lastTransitionTime: old?.status === 'True' ? old.lastTransitionTime : formatTime(now),
    reason,
    message: message.slice(0, MESSAGE_LIMIT),
  };
  return {
    ...planned,
    summary: { ...planned.summary, status: 'Stalled', reason },
    conditions: planned.conditions.some((condition) => condition.type === 'Stalled')
      ? planned.conditions.map((condition) => (condition.type === 'Stalled' ? stalled : condition))
      : [...planned.conditions, stalled],
  };
}
