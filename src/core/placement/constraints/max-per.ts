import type { Constraint } from '../../allocator/demand.ts';
import { type CompiledConstraint, lacks } from './compiled-constraint.ts';

/** At most so many members per value. A number that cannot be read allows none: the schema keeps it out. */
export function maxPer({ key, value: text = '' }: Constraint): CompiledConstraint {
  const most = /^\d+$/.test(text) ? Number(text) : 0;
  return {
    key,
    reason: 'ConstraintMaxPer',
    dependsOnNodeOnly: false,
    against: (counts) => ({
      admits: (value) => value !== undefined && (counts.get(value) ?? 0) < most,
      explain: (value) =>
        value === undefined ? lacks(key) : `${key} ${value} has ${counts.get(value) ?? 0} members of at most ${text}`,
    }),
  };
}
