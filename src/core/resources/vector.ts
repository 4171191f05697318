import type { Resources } from './resources.ts';

/** The sum, name by name. */
export function add(left: Resources, right: Resources): Resources {
  return combine(left, right, (a, b) => a + b);
}

/** `left − right`, never below 0: what is free of an overcommitted resource is nothing. */
export function subtract(left: Resources, right: Resources): Resources {
  return combine(left, right, (a, b) => Math.max(0, a - b));
}

/** The larger amount, name by name. A member is charged this of its slot and its pod. */
export function maxOf(left: Resources, right: Resources): Resources {
  return combine(left, right, Math.max);
}

/** The names of which `free` has less than `request` asks, in the request's order. Empty: it fits. */
export function fits(request: Resources, free: Resources): readonly string[] {
  return Object.keys(request).filter((name) => (request[name] ?? 0) > (free[name] ?? 0));
}

/** Whether both hold the same amounts; an absent name is 0. */
export function sameResources(left: Resources, right: Resources): boolean {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every((name) => (left[name] ?? 0) === (right[name] ?? 0));
}

function combine(left: Resources, right: Resources, pick: (a: number, b: number) => number): Resources {
  const result: Record<string, number> = {};
  for (const name of Object.keys(left)) result[name] = pick(left[name] ?? 0, right[name] ?? 0);
  for (const name of Object.keys(right)) result[name] ??= pick(0, right[name] ?? 0);
  return result;
}
