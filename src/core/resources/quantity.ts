/** Decimal suffixes as powers of ten, from the API machinery's quantity grammar. `m` is milli, `k` is kilo. */
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
/** Binary suffixes as powers of two. */
const BINARY: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const GRAMMAR = /^([+-]?)(\d+)?(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]?|[eE][+-]?\d{1,2})$/;
const PLAIN = /^\d{1,15}$/;

/**
 * The amount in the base unit: cores, bytes or a count. May be fractional ("1500m" is 1.5).
 * @throws Error that quotes the text when it is no Kubernetes quantity.
 */
export function parseQuantity(text: string | number): number {
  const { numerator, denominator } = fraction(String(text));
  return Number(numerator) / Number(denominator);
}

/**
 * Millicores, rounded up as kube-scheduler does.
 * @throws Error that quotes the text when it is no Kubernetes quantity.
 */
export function parseCpuMillis(text: string | number): number {
  const plain = String(text);
  return PLAIN.test(plain) ? safe(Number(plain) * 1000) : scaledUp(plain, 1000n);
}

/**
 * Bytes, or a count, rounded up to an integer.
 * @throws Error that quotes the text when it is no Kubernetes quantity.
 */
export function parseBytes(text: string | number): number {
  const plain = String(text);
  return PLAIN.test(plain) ? Number(plain) : scaledUp(plain, 1n);
}

/** Millicores as Kubernetes writes them: 2000 is "2", 1500 is "1500m". */
export function formatCpuMillis(millis: number): string {
  return millis % 1000 === 0 ? String(millis / 1000) : `${millis}m`;
}

/** Bytes with the largest binary suffix that loses nothing: 10737418240 is "10Gi", 1000 is "1000". */
export function formatBytes(bytes: number): string {
  if (bytes === 0) return '0';
  for (const [suffix, power] of Object.entries(BINARY).toReversed()) {
    const unit = 2 ** power;
    if (bytes % unit === 0) return `${bytes / unit}${suffix}`;
  }
  return String(bytes);
}

/** Rounds up exactly: floating point would make 0.28 cores 281 millicores. */
function scaledUp(text: string, scale: bigint): number {
  const { numerator, denominator } = fraction(text);
  const scaled = numerator * scale;
  const rounded = scaled > 0n ? (scaled + denominator - 1n) / denominator : scaled / denominator;
  return safe(Number(rounded));
}

/** Amounts above 2^53 (8 PiB; nodes that report "unlimited") are taken as 2^53 − 1, so that sums stay exact for everyone else. */
function safe(amount: number): number {
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, amount));
}

function fraction(text: string): { readonly numerator: bigint; readonly denominator: bigint } {
  const match = GRAMMAR.exec(text.trim());
  const [, sign = '', whole = '', decimals = '', suffix = ''] = match ?? [];
  if (match === null || whole + decimals === '') {
    throw new Error(
      `"${text}" is not a quantity: write a number with an optional suffix, for example 500m, 2, 1.5 or 10Gi`,
    );
  }
  const digits = BigInt(`${sign === '-' ? '-' : ''}${whole}${decimals}`);
  const binary = BINARY[suffix];
  if (binary !== undefined) return { numerator: digits << BigInt(binary), denominator: 10n ** BigInt(decimals.length) };
  const power = (DECIMAL[suffix] ?? Number(suffix.slice(1))) - decimals.length;
  return power >= 0
    ? { numerator: digits * 10n ** BigInt(power), denominator: 1n }
    : { numerator: digits, denominator: 10n ** BigInt(-power) };
}
