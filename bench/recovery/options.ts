import { parseArgs } from 'node:util';

/** What is measured, in this order. */
export const KINDS = ['partition', 'power-cut', 'member-only', 'out-of-service'] as const;
export type Kind = (typeof KINDS)[number];

export interface RecoveryBenchOptions {
  /** How often each kind is measured; 0: not at all. */
  readonly runs: Readonly<Record<Kind, number>>;
  /** How long the plain StatefulSet is watched after the first loss. */
  readonly plainSeconds: number;
}

export const RECOVERY_FLAGS =
  '[--runs=10] [--member-only-runs=3] [--out-of-service-runs=3] [--only=partition,power-cut,member-only,out-of-service] [--plain-seconds=120]';

/** Throws with a sentence for a person when a flag is not understood. */
export function parseRecoveryOptions(argv: readonly string[]): RecoveryBenchOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      runs: { type: 'string', default: '10' },
      'member-only-runs': { type: 'string', default: '3' },
      'out-of-service-runs': { type: 'string', default: '3' },
      only: { type: 'string', default: KINDS.join(',') },
      'plain-seconds': { type: 'string', default: '120' },
    },
  });
  const only = values.only.split(',');
  const unknown = only.find((name) => !KINDS.some((kind) => kind === name));
  if (unknown !== undefined) throw new Error(`--only=${unknown} is not known: ${KINDS.join(', ')}`);
  const runs = {
    partition: whole('runs', values.runs),
    'power-cut': whole('runs', values.runs),
    'member-only': whole('member-only-runs', values['member-only-runs']),
    'out-of-service': whole('out-of-service-runs', values['out-of-service-runs']),
  };
  return {
    runs: Object.fromEntries(KINDS.map((kind) => [kind, only.includes(kind) ? runs[kind] : 0])) as Record<Kind, number>,
    plainSeconds: whole('plain-seconds', values['plain-seconds']),
  };
}

function whole(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 1000)
    throw new Error(`--${flag}=${text} is not a whole number from 0 to 1000`);
  return value;
}
