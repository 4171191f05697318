import type { Constraint } from '../../allocator/demand.ts';
import { type CompiledConstraint, lacks } from './compiled-constraint.ts';
import { expressionProblem, wholeMatch } from './whole-match.ts';

/** The whole value matches the regular expression. One that cannot be read matches nothing. */
export function like({ key, value: text = '' }: Constraint): CompiledConstraint {
  const matches = wholeMatch(text);
  return {
    key,
    reason: 'ConstraintLike',
    dependsOnNodeOnly: true,
    against: () => ({
      admits: (value) => value !== undefined && matches?.(value) === true,
      explain: (value) => {
        if (matches === undefined) return unreadable(text);
        return value === undefined ? lacks(key) : `${key} is ${value}, which does not match ${text}`;
      },
    }),
  };
}

/** The whole value does not match. A node without the key is admitted, as in Marathon. */
export function unlike({ key, value: text = '' }: Constraint): CompiledConstraint {
  const matches = wholeMatch(text);
  return {
    key,
    reason: 'ConstraintUnlike',
    dependsOnNodeOnly: true,
    against: () => ({
      admits: (value) => matches !== undefined && (value === undefined || !matches(value)),
      explain: (value) => (matches === undefined ? unreadable(text) : `${key} is ${value}, which matches ${text}`),
    }),
  };
}

function unreadable(text: string): string {
  return `"${text}" cannot be used as a regular expression: ${expressionProblem(text) ?? ''}`;
}
