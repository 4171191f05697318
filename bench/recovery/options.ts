import { parseArgs } from 'node:util';

/** What can be measured, in this order. */
export const KINDS = ['partition', 'power-cut', 'member-only', 'node-loss', 'out-of-service'] as const;
export type Kind = (typeof KINDS)[number];

/** What is, when nobody says what. The others take as long again, and the two below up to a minute longer each time. */
const MAIN_KINDS: readonly Kind[] = ['partition', 'power-cut'];

export interface RecoveryBenchOptions {
  readonly kinds: readonly Kind[];
  /** How often each of them is measured. */
  readonly runs: number;
  /** How long the plain StatefulSet is watched after the first loss; 0: there is none. */
  readonly plainSeconds: number;
}

export const RECOVERY_FLAGS = `[--runs=10] [--only=${MAIN_KINDS.join(',')}; also ${KINDS.slice(MAIN_KINDS.length).join(',')}] [--plain-seconds=60]`;

/** Throws with a sentence for a person when a flag is not understood. */
export function parseRecoveryOptions(argv: readonly string[]): RecoveryBenchOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      runs: { type: 'string', default: '10' },
      only: { type: 'string', default: MAIN_KINDS.join(',') },
      'plain-seconds': { type: 'string', default: '60' },
    },
  });
  const only = values.only.split(',');
  const unknown = only.find((name) => !KINDS.some((kind) => kind === name));
  if (unknown !== undefined) throw new Error(`--only=${unknown} is not known: ${KINDS.join(', ')}`);
  return {
    kinds: KINDS.filter((kind) => only.includes(kind)),
    runs: whole('runs', values.runs, 1),
    plainSeconds: whole('plain-seconds', values['plain-seconds'], 0),
  };
}

function whole(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > 1000)
    throw new Error(`--${flag}=${text} is not a whole number from ${least} to 1000`);
  return value;
}
