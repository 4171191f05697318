import type { Constraint } from '../../api/placement.ts';
import type { Reason } from '../../api/reasons.ts';
import { expressionProblem, wholeMatch } from '../placement/constraints/whole-match.ts';

export interface Impossible {
  readonly reason: Reason;
  readonly message: string;
}

/** Why no cluster at all could keep these constraints; undefined when one could. */
export function impossibleConstraint(constraints: readonly Constraint[], replicas: number): Impossible | undefined {
  for (const constraint of constraints) {
    const problem =
      brokenValue(constraint) ?? clashOf(constraint, constraints) ?? crowded(constraint, constraints, replicas);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function brokenValue({ operator, key, value = '' }: Constraint): Impossible | undefined {
  const problem = operator === 'Like' || operator === 'Unlike' ? expressionProblem(value) : undefined;
  if (problem !== undefined) {
    return {
      reason: `Constraint${operator}`,
      message: `constraint ${operator} on ${key}: "${value}" cannot be used as a regular expression (${problem}): correct it`,
    };
  }
  if (operator === 'MaxPer' && !isCount(value)) {
    return {
      reason: 'ConstraintMaxPer',
      message: `constraint MaxPer on ${key}: "${value}" is not a whole number from 1: write how many members a value may have`,
    };
  }
  return undefined;
}

/** No value that the constraint names is one that the others on its key admit. */
function clashOf(fixed: Constraint, constraints: readonly Constraint[]): Impossible | undefined {
  const named = namedValues(fixed);
  const others = constraints.filter((other) => other !== fixed && other.key === fixed.key);
  if (named === undefined || named.some((text) => others.every((other) => admits(other, text)))) return undefined;
  const [first, second] = others.filter((other) => named.some((text) => !admits(other, text)));
  if (first === undefined) return undefined;
  const alone = named.every((text) => !admits(first, text));
  const message =
    alone || second === undefined
      ? `${name(fixed)} and ${name(first)} cannot both hold: remove one of the two`
      : `${name(fixed)}, ${name(first)} and ${name(second)} leave no value on which all hold: remove one of them`;
  return { reason: reasonOf(first), message };
}

/** The values on which all members have to be have room for too few of them. */
function crowded(fixed: Constraint, constraints: readonly Constraint[], replicas: number): Impossible | undefined {
  const onKey = constraints.filter(({ key }) => key === fixed.key);
  const values =
    fixed.operator === 'Cluster'
      ? 1
      : namedValues(fixed)?.filter((text) => onKey.every((other) => admits(other, text))).length;
  if (values === undefined) return undefined;
  for (const other of onKey) {
    const most = mostPerValue(other, values);
    if (most * values >= replicas) continue;
    const room = most * values;
    const [where, there] = values === 1 ? ['one value', 'there'] : [`${values} values`, 'on each'];
    const message = `${name(fixed)} puts all ${replicas} members on ${where}, and ${name(other)} allows ${most} ${there}: remove one of the two, or ask for ${room} replicas`;
    return { reason: reasonOf(other), message };
  }
  return undefined;
}

/** GroupBy with a number admits no second member on a value until members are on so many values. */
function mostPerValue({ operator, value }: Constraint, values: number): number {
  if (operator === 'Unique') return 1;
  if (operator === 'GroupBy' && isCount(value) && Number(value) > values) return 1;
  return operator === 'MaxPer' ? Number(value) : Number.POSITIVE_INFINITY;
}

/** The only values that the constraint admits, where it names them: Is, Cluster with a value, Like with plain alternatives. */
function namedValues({ operator, value }: Constraint): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (operator === 'Is' || operator === 'Cluster') return [value];
  const isPlain = operator === 'Like' && /^[-A-Za-z0-9_/]+(\|[-A-Za-z0-9_/]+)*$/.test(value);
  return isPlain ? [...new Set(value.split('|'))] : undefined;
}

/** Whether a constraint can hold for a node of that value, whatever the other members do. */
function admits({ operator, value }: Constraint, text: string): boolean {
  if (operator === 'Like') return wholeMatch(value ?? '')?.(text) ?? true;
  if (operator === 'Unlike') return wholeMatch(value ?? '')?.(text) !== true;
  if (operator === 'IsNot') return value !== text;
  return (operator !== 'Is' && operator !== 'Cluster') || value === undefined || value === text;
}

function isCount(value: string | undefined): boolean {
  return /^[1-9][0-9]*$/.test(value ?? '');
}

function name({ operator, key, value }: Constraint): string {
  return `${operator} on ${key}${value === undefined ? '' : ` (${value})`}`;
}

function reasonOf({ operator }: Constraint): Reason {
  return `Constraint${operator}`;
}
