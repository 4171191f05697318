// How often a law is tried, and from which seed. A run of all tests tries the same examples each time, so that it never passes or fails by
// luck; to search for new ones: PROFFER_LAWS_SEED=random PROFFER_LAWS_TIMES=50 npm run test:laws. A failure names its seed and path.

type Env = Readonly<Record<string, string | undefined>>;

/** Any number will do; another one here is another set of examples for everybody. */
const SEED = 20_260_101;

/** Tries per law and where they start, for `fc.assert`. */
export interface LawRuns {
  readonly numRuns: number;
  /** Absent: fast-check takes one from the clock. */
  readonly seed?: number;
}

/** @param count tries of this law in a usual run; `PROFFER_LAWS_TIMES` multiplies it, `PROFFER_LAWS_SEED` is `random` or an integer. */
export function runs(count: number, env: Env = process.env): LawRuns {
  const numRuns = count * times(env);
  const seed = env['PROFFER_LAWS_SEED'] ?? String(SEED);
  return seed === 'random'
    ? { numRuns }
    : { numRuns, seed: integer('PROFFER_LAWS_SEED', seed, 'random, or an integer') };
}

/** How many times the usual number of tries is asked for, and of the usual time. */
export function times(env: Env = process.env): number {
  const asked = integer('PROFFER_LAWS_TIMES', env['PROFFER_LAWS_TIMES'] ?? '1', 'an integer of 1 or more');
  if (asked < 1) throw new Error(`PROFFER_LAWS_TIMES is ${asked}: it must be an integer of 1 or more`);
  return asked;
}

function integer(name: string, text: string, must: string): number {
  if (!/^-?\d{1,10}$/.test(text)) throw new Error(`${name} is "${text}": it must be ${must}`);
  return Number(text);
}
