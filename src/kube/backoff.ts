/** Delays that double from `firstSeconds` up to `capSeconds`. */
export interface BackoffLimits {
  readonly firstSeconds: number;
  readonly capSeconds: number;
}

/**
 * The delay before retry number `failures` (1 is the first), in seconds: doubling, capped, and spread over the upper half
 * so that many that failed together do not return together. `random` is in [0, 1).
 */
export function backoffSeconds({ firstSeconds, capSeconds }: BackoffLimits, failures: number, random: number): number {
  const full = Math.min(capSeconds, firstSeconds * 2 ** Math.min(failures - 1, 30));
  return full * (0.5 + random / 2);
}
