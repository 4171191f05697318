/** Reading what the API server sent, field by field: a missing or ill-typed field is empty, never an exception. */
export type Json = Readonly<Record<string, unknown>>;

const EMPTY: Json = {};

export function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : EMPTY;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown, otherwise = ''): string {
  return typeof value === 'string' ? value : otherwise;
}

export function textsOf(value: unknown): readonly string[] {
  return listOf(value).filter((item): item is string => typeof item === 'string');
}

/** A map of strings (labels, annotations, a ResourceList); entries of other types are left out. */
export function textMapOf(value: unknown): Readonly<Record<string, string>> {
  const map: Record<string, string> = {};
  const entries = objectOf(value);
  for (const key of Object.keys(entries)) {
    const item = entries[key];
    if (typeof item === 'string') map[key] = item;
    else if (typeof item === 'number') map[key] = String(item);
  }
  return map;
}

export function integerOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}

/** Epoch seconds of an RFC 3339 time; undefined when absent or unreadable. */
export function secondsOf(value: unknown): number | undefined {
  const millis = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(millis) ? undefined : Math.floor(millis / 1000);
}
