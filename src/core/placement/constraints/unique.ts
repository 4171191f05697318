import type { Constraint } from '../../allocator/demand.ts';
import { type CompiledConstraint, lacks } from './compiled-constraint.ts';

/** At most one member per value. */
export function unique({ key }: Constraint): CompiledConstraint {
  return {
    key,
    reason: 'ConstraintUnique',
    dependsOnNodeOnly: false,
    against: (counts) => ({
      admits: (value) => value !== undefined && !counts.has(value),
      explain: (value) => (value === undefined ? lacks(key) : `${key} ${value} has a member already, one is allowed`),
    }),
  };
}
