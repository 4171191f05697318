import type { Constraint } from '../../allocator/demand.ts';
import { type CompiledConstraint, type Counts, lacks } from './compiled-constraint.ts';

/**
 * All members on one value: the one that is named, else the one where the first member went. When members are on several values
 * already (the constraint came later), the value with most of them counts, so that the app can grow together.
 */
export function cluster({ key, value: wanted }: Constraint): CompiledConstraint {
  const named = wanted !== undefined && wanted !== '';
  return {
    key,
    reason: 'ConstraintCluster',
    dependsOnNodeOnly: named,
    against: (counts) => {
      const target = named ? wanted : mostPopulated(counts);
      return {
        admits: (value) => value !== undefined && (target === undefined || value === target),
        explain: (value) =>
          value === undefined ? lacks(key) : `${key} is ${value}, the members belong on ${target ?? 'any one value'}`,
      };
    },
  };
}

function mostPopulated(counts: Counts): string | undefined {
  let best: string | undefined;
  for (const [value, count] of counts) {
    const most = best === undefined ? 0 : (counts.get(best) ?? 0);
    if (count > most || (count === most && best !== undefined && value < best)) best = value;
  }
  return best;
}
