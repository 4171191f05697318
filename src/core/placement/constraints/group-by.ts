import type { Constraint } from '../../allocator/demand.ts';
import { type CompiledConstraint, type Counts, type ValueCheck, lacks } from './compiled-constraint.ts';

/**
 * Evenly over the values: a member goes to a value that has fewest. With a number it is Marathon's rule: until members are on so many
 * values only new ones are admitted, then those with fewest members. Without one Marathon can but guess which values there are; we
 * see the nodes, so every value of a node that the app could use counts.
 */
export function groupBy({ key, value: text }: Constraint): CompiledConstraint {
  const groups = text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
  return {
    key,
    reason: 'ConstraintGroupBy',
    dependsOnNodeOnly: false,
    against: (counts, known) =>
      groups === undefined ? overKnown(key, counts, known()) : overGroups(key, counts, groups),
  };
}

function overKnown(key: string, counts: Counts, known: ReadonlySet<string>): ValueCheck {
  let fewest = Number.POSITIVE_INFINITY;
  for (const value of known) fewest = Math.min(fewest, counts.get(value) ?? 0);
  return {
    admits: (value) => value !== undefined && (counts.get(value) ?? 0) <= fewest,
    explain: (value) => (value === undefined ? lacks(key) : uneven(key, value, counts, fewest)),
  };
}

function overGroups(key: string, counts: Counts, groups: number): ValueCheck {
  const fewest = Math.min(...counts.values());
  return {
    admits: (value) => {
      if (value === undefined) return false;
      const own = counts.get(value);
      return own === undefined || (counts.size >= groups && own === fewest);
    },
    explain: (value) => {
      if (value === undefined) return lacks(key);
      if (counts.size >= groups) return uneven(key, value, counts, fewest);
      return `${key} ${value} has ${counts.get(value) ?? 0} members, and only ${counts.size} of ${groups} groups have any`;
    },
  };
}

function uneven(key: string, value: string, counts: Counts, fewest: number): string {
  return `${key} ${value} has ${counts.get(value) ?? 0} members, the group with fewest has ${fewest}`;
}
