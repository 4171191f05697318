import { canonicalJson } from '../app/intent-hash.ts';
import { parseQuantity } from '../resources/quantity.ts';

/** Where two JSON values differ first, and what each has there. */
export interface Difference {
  /** As in `spec.containers[0].image`. */
  readonly path: string;
  /** As JSON, cut; `nothing` where there is nothing. */
  readonly left: string;
  readonly right: string;
}

/** Maps whose strings are quantities: the API server rewrites `1000m` to `1`. */
const AMOUNTS = new Set(['requests', 'limits', 'overhead']);

/** Undefined: they are the same. Amounts are compared as amounts. */
export function firstDifference(left: unknown, right: unknown, path = ''): Difference | undefined {
  if (canonicalJson(left) === canonicalJson(right)) return undefined;
  if (Array.isArray(left) && Array.isArray(right)) return inList(left, right, path);
  if (isMap(left) && isMap(right)) return inMap(left, right, path);
  return { path, left: shown(left), right: shown(right) };
}

function inList(left: readonly unknown[], right: readonly unknown[], path: string): Difference | undefined {
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const found = firstDifference(left[at], right[at], `${path}[${at}]`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function inMap(
  left: Readonly<Record<string, unknown>>,
  right: Readonly<Record<string, unknown>>,
  path: string,
): Difference | undefined {
  for (const key of [...new Set([...Object.keys(left), ...Object.keys(right)])].toSorted()) {
    const isAmount = AMOUNTS.has(path.slice(path.lastIndexOf('.') + 1));
    if (isAmount && sameAmount(left[key], right[key])) continue;
    const found = firstDifference(left[key], right[key], path === '' ? key : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function sameAmount(left: unknown, right: unknown): boolean {
  const amount = amountOf(left);
  return amount !== undefined && amount === amountOf(right);
}

function amountOf(value: unknown): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  try {
    return parseQuantity(value);
  } catch {
    return undefined;
  }
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
