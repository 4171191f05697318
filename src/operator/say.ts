import type { Condition } from '../api/condition.ts';
import { formatTime } from '../core/app/rfc3339.ts';

export type Said = Omit<Condition, 'lastTransitionTime' | 'observedGeneration'>;

/** Conditions for a status: one that keeps its `status` keeps its time. `now` in epoch seconds. */
export function say(
  said: readonly Said[],
  before: readonly Condition[] | undefined,
  observedGeneration: number,
  now: number,
): readonly Condition[] {
  return said.map((next) => {
    const old = before?.find((condition) => condition.type === next.type);
    const lastTransitionTime = old?.status === next.status ? old.lastTransitionTime : formatTime(now);
    return { ...next, observedGeneration, lastTransitionTime };
  });
}

/** What Supported says about fields without behaviour; undefined when there are none. */
export function supported(fields: readonly { readonly message: string }[]): Said | undefined {
  if (fields.length === 0) return undefined;
  return {
    type: 'Supported',
    status: 'False',
    reason: 'NotSupportedYet',
    message: fields.map(({ message }) => message).join('; '),
  };
}
