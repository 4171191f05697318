import type { Constraint } from '../../api/placement.ts';
import type { Reason } from '../../api/reasons.ts';

export interface Impossible {
  readonly reason: Reason;
  readonly message: string;
}

/** Why no cluster at all could keep these constraints; undefined when one could. */
export function impossibleConstraint(constraints: readonly Constraint[], replicas: number): Impossible | undefined {
  for (const constraint of constraints) {
    const problem =
      brokenValue(constraint) ?? constraints.map((other) => clash(constraint, other, replicas)).find(isFound);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function isFound(problem: Impossible | undefined): boolean {
  return problem !== undefined;
}

function brokenValue({ operator, key, value }: Constraint): Impossible | undefined {
  if ((operator === 'Like' || operator === 'Unlike') && pattern(value) === undefined) {
    return {
      reason: `Constraint${operator}`,
      message: `constraint ${operator} on ${key}: "${value ?? ''}" is not a regular expression: correct it`,
    };
  }
  if (operator === 'MaxPer' && !/^[1-9][0-9]*$/.test(value ?? '')) {
    return {
      reason: 'ConstraintMaxPer',
      message: `constraint MaxPer on ${key}: "${value ?? ''}" is not a whole number from 1: write how many members a value may have`,
    };
  }
  return undefined;
}

/** Two constraints on one key that cannot both hold; `fixed` is the one that names or shares a value. */
function clash(fixed: Constraint, other: Constraint, replicas: number): Impossible | undefined {
  if (fixed.key !== other.key || (fixed.operator !== 'Is' && fixed.operator !== 'Cluster')) return undefined;
  const most = mostPerValue(other);
  if (most < replicas) {
    const message = `${name(fixed)} puts all ${replicas} members on one value, and ${name(other)} allows ${most} there: remove one of the two, or ask for ${most} replicas`;
    return { reason: `Constraint${other.operator}` as Reason, message };
  }
  if (fixed.value === undefined || admits(other, fixed.value)) return undefined;
  const message = `${name(fixed)} and ${name(other)} cannot both hold: remove one of the two`;
  return { reason: `Constraint${other.operator}` as Reason, message };
}

function mostPerValue({ operator, value }: Constraint): number {
  if (operator === 'Unique') return 1;
  return operator === 'MaxPer' ? Number(value) : Number.POSITIVE_INFINITY;
}

/** Whether a constraint can hold for a node of that value, whatever the other members do. */
function admits({ operator, value }: Constraint, text: string): boolean {
  if (operator === 'Like') return pattern(value)?.test(text) ?? true;
  if (operator === 'Unlike') return pattern(value)?.test(text) !== true;
  if (operator === 'IsNot') return value !== text;
  return (operator !== 'Is' && operator !== 'Cluster') || value === undefined || value === text;
}

function name({ operator, key, value }: Constraint): string {
  return `${operator} on ${key}${value === undefined ? '' : ` (${value})`}`;
}

function pattern(value: string | undefined): RegExp | undefined {
  try {
    return new RegExp(`^(?:${value ?? ''})$`, 'u');
  } catch {
    return undefined;
  }
}
