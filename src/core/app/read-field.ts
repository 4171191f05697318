import type { KubeObject } from './plan.ts';

/** A field deep in raw JSON; undefined when any step of the way is missing. A number steps into a list. */
export function readField(object: unknown, ...path: readonly (string | number)[]): unknown {
  let value: unknown = object;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[step];
  }
  return value;
}

export function readNumber(object: unknown, ...path: readonly (string | number)[]): number | undefined {
  const value = readField(object, ...path);
  return typeof value === 'number' ? value : undefined;
}

/** The string there, empty when there is none. */
export function readString(object: unknown, ...path: readonly (string | number)[]): string {
  const value = readField(object, ...path);
  return typeof value === 'string' ? value : '';
}

export function readList(object: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const value = readField(object, ...path);
  return Array.isArray(value) ? value : [];
}

export function readMap(object: unknown, ...path: readonly (string | number)[]): Readonly<Record<string, unknown>> {
  const value = readField(object, ...path);
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}

/** The controlling owner of an object, undefined when nobody controls it. */
export function controllerOf(
  object: KubeObject,
): { readonly kind: string; readonly name: string; readonly uid: string } | undefined {
  const owner = readList(object, 'metadata', 'ownerReferences').find((ref) => readField(ref, 'controller') === true);
  if (owner === undefined) return undefined;
  return { kind: readString(owner, 'kind'), name: readString(owner, 'name'), uid: readString(owner, 'uid') };
}
