import { RE2JS, RE2JSException } from 're2js';

/**
 * Whether a whole value matches the expression, which is RE2 as the schema wants it; undefined for one that cannot be read. The time it takes
 * grows with the value and no faster, whatever the expression: it is a user's, and the leader that asks decides for everybody.
 */
export function wholeMatch(text: string): ((value: string) => boolean) | undefined {
  const expression = compile(text);
  return typeof expression === 'string' ? undefined : (value) => expression.matches(value);
}

/** Why an expression cannot be read; undefined: it can. */
export function expressionProblem(text: string): string | undefined {
  const expression = compile(text);
  return typeof expression === 'string' ? expression : undefined;
}

/** The expression, or why it is none. */
function compile(text: string): RE2JS | string {
  try {
    return RE2JS.compile(text);
  } catch (error) {
    if (error instanceof RE2JSException) return error.message.replace(/^error parsing regexp: /, '');
    throw error;
  }
}
