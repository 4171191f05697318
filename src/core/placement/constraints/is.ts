import type { Constraint } from '../../allocator/demand.ts';
import { type CompiledConstraint, lacks } from './compiled-constraint.ts';

/** The node has exactly this value. */
export function is({ key, value: wanted = '' }: Constraint): CompiledConstraint {
  return {
    key,
    reason: 'ConstraintIs',
    dependsOnNodeOnly: true,
    against: () => ({
      admits: (value) => value === wanted,
      explain: (value) => (value === undefined ? lacks(key) : `${key} is ${value}, not ${wanted}`),
    }),
  };
}

/** The node has another value, or none. */
export function isNot({ key, value: unwanted = '' }: Constraint): CompiledConstraint {
  return {
    key,
    reason: 'ConstraintIsNot',
    dependsOnNodeOnly: true,
    against: () => ({
      admits: (value) => value !== unwanted,
      explain: () => `${key} is ${unwanted}`,
    }),
  };
}
