import { KubeError, NotLeaderError } from './errors.ts';

/** Causes of causes that are told; what is below says the same again, or goes round in a circle. */
const DEEPEST = 4;

/**
 * What a log line says of something that was thrown, for loggers that call it for the field `err`. What a request failed with is said once,
 * in its message, which quotes what caused it; where in our code it was sent helps nobody. Everything else is a mistake of ours or of
 * Node.js, and comes with its stack and its causes.
 */
export function errorForLog(thrown: unknown, depth = 0): unknown {
  if (thrown instanceof KubeError) {
    const { name, message, status, reason } = thrown;
    return { type: name, message, status, reason };
  }
  if (thrown instanceof NotLeaderError) return { type: 'NotLeaderError', message: thrown.message };
  if (!(thrown instanceof Error)) return thrown;
  const { message, stack, cause } = thrown;
  const code: unknown = 'code' in thrown ? thrown.code : undefined;
  return {
    type: thrown.constructor.name,
    message,
    ...(typeof code === 'string' ? { code } : {}),
    stack,
    ...(cause === undefined || depth >= DEEPEST ? {} : { cause: errorForLog(cause, depth + 1) }),
    ...(thrown instanceof AggregateError ? { errors: thrown.errors.map((one) => errorForLog(one, DEEPEST)) } : {}),
  };
}
