import { isBytes } from './resource-list.ts';

const UNITS = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'] as const;

/** An amount for people, at most two decimals: `2000m` of cpu, `7.5Gi` of memory, `3` of pods. */
export function showAmount(resource: string, amount: number): string {
  if (resource === 'cpu') return `${amount}m`;
  return isBytes(resource) ? showBytes(amount) : String(amount);
}

/** Bytes for people: 8053063680 is "7.5Gi". */
export function showBytes(bytes: number): string {
  let rest = Math.abs(bytes);
  let unit = 0;
  while (rest >= 1024 && unit < UNITS.length - 1) {
    rest /= 1024;
    unit += 1;
  }
  const digits = Number(rest.toFixed(2));
  return `${bytes < 0 ? '-' : ''}${digits}${UNITS[unit] ?? ''}`;
}
