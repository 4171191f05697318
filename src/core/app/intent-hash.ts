/**
 * A short, stable name for a JSON value: equal values have equal hashes whatever the order of their keys. It tells whether what we want
 * has changed since we last wrote it; it protects against nothing. Two FNV-1a sums of 32 bits over the canonical JSON, 16 hex digits.
 */
export function intentHash(value: unknown): string {
  const text = canonicalJson(value);
  let first = 0x811c9dc5;
  let second = 0x01234567;
  for (let index = 0; index < text.length; index += 1) {
    // Both bytes of a UTF-16 unit, so that characters outside Latin-1 count whole.
    const unit = text.charCodeAt(index);
    const low = unit & 0xff;
    const high = unit >>> 8;
    first = imul(imul(first ^ low, FNV_PRIME) ^ high, FNV_PRIME);
    second = imul(imul(second ^ low, FNV_PRIME) ^ high, FNV_PRIME);
  }
  return `${hex(first)}${hex(second)}`;
}

const FNV_PRIME = 0x01000193;
// Looked up once: under Jest, a global is behind a proxy.
const { imul } = Math;
const { keys } = Object;
const { stringify } = JSON;
const { isArray } = Array;

/** JSON with sorted keys; keys with undefined values are left out, as JSON.stringify does. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return stringify(value) ?? 'null';
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const fields = value as Readonly<Record<string, unknown>>;
  let text = '';
  for (const key of keys(fields).sort()) {
    const item = fields[key];
    if (item === undefined) continue;
    text += `${text === '' ? '' : ','}${stringify(key)}:${canonicalJson(item)}`;
  }
  return `{${text}}`;
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
