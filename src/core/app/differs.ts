import { parseQuantity } from '../resources/quantity.ts';

/** Fields whose strings are quantities: the API server rewrites `1000m` to `1`. */
const QUANTITY_FIELDS = new Set(['requests', 'limits', 'overhead', 'sizeLimit', 'divisor', 'capacity']);

/**
 * What tells the entries of a list apart that the API server merges by key. In such a list others may have entries of their own, which an
 * apply leaves alone, and so must we: counting them would make us apply for ever.
 */
const ENTRY_KEYS = ['name', 'mountPath', 'containerPort', 'port', 'topologyKey', 'uid', 'ip', 'devicePath'];

/**
 * Whether a field that we want is missing or other in the live object. Fields that only the live object has (defaults, status, what
 * others own) do not count. An empty value equals an absent one, since the API server leaves out zero values; quantities are compared by
 * amount.
 */
export function differs(desired: unknown, live: unknown): boolean {
  return valueDiffers(desired, live, false);
}

function valueDiffers(desired: unknown, live: unknown, quantity: boolean): boolean {
  if (desired === undefined || desired === null) return false;
  if (Array.isArray(desired)) return listDiffers(desired, live, quantity);
  if (typeof desired === 'object') return mapDiffers(desired, live, quantity);
  if (isZero(desired)) return !isZero(live);
  return desired !== live && !(quantity && sameAmount(desired, live));
}

function mapDiffers(desired: object, live: unknown, quantity: boolean): boolean {
  const present = isMap(live) ? live : {};
  return Object.entries(desired).some(([key, value]) =>
    valueDiffers(value, present[key], quantity || QUANTITY_FIELDS.has(key)),
  );
}

function listDiffers(desired: readonly unknown[], live: unknown, quantity: boolean): boolean {
  const present: readonly unknown[] = Array.isArray(live) ? live : [];
  if (desired.length > 0 && desired.every(hasEntryKey)) {
    return desired.some((item) => !present.some((other) => !valueDiffers(item, other, quantity)));
  }
  return desired.length !== present.length || desired.some((item, at) => valueDiffers(item, present[at], quantity));
}

function hasEntryKey(item: unknown): boolean {
  return isMap(item) && ENTRY_KEYS.some((key) => key in item);
}

/** The API server leaves most zero values out of what it stores. */
function isZero(value: unknown): boolean {
  return value === undefined || value === null || value === '' || value === 0 || value === false;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sameAmount(a: unknown, b: unknown): boolean {
  const left = amount(a);
  return left !== undefined && left === amount(b);
}

function amount(value: unknown): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  try {
    return parseQuantity(value);
  } catch {
    return undefined;
  }
}
