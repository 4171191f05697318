import { z } from 'zod';
import { rules } from './rules.ts';

/** A string of bounded length: CEL budgets are computed from the bound. */
export function text(maxLength: number): z.ZodString {
  return z.string().max(maxLength);
}

/**
 * A string of a certain form. The form becomes a CEL rule and not a `pattern`, since only a rule can answer with a sentence.
 * `pattern` must be anchored, and mean the same in RE2 and JavaScript.
 */
export function matching(pattern: RegExp, maxLength: number, message: string): z.ZodString {
  return z
    .string()
    .max(maxLength)
    .refine((value) => pattern.test(value), message)
    .meta(rules({ rule: `self.matches(r'${pattern.source}')`, message }));
}

/** Name of an object: a DNS subdomain, as Kubernetes wants most names. */
export function objectName(): z.ZodString {
  return matching(
    /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/,
    253,
    'must be the name of a Kubernetes object: lower-case letters, digits, - and ., beginning and ending with a letter or digit',
  );
}

/** A name that becomes part of pod and claim names: a DNS label. */
export function labelName(): z.ZodString {
  return matching(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    63,
    'must be lower-case letters, digits and -, beginning and ending with a letter or digit',
  );
}

/** A point in time, RFC 3339 in UTC ("2026-01-02T03:04:05Z"). */
export function timestamp(): z.ZodString {
  return z.string().max(40).meta({ format: 'date-time' });
}

/** A span of time in whole seconds, at least `min`; ten years is the bound. */
export function seconds(min = 0): z.ZodInt {
  return z.int().min(min).max(315_360_000);
}
