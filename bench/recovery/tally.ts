// What came of all runs, as a table and as figures.
import { type BenchResult, type Figure, figure, median } from '../figure.ts';
import type { Kind } from './options.ts';
import type { PlainRound, Round } from './round.ts';

/** All runs of one kind. */
export interface Tally {
  readonly kind: Kind;
  readonly rounds: readonly Round[];
  /** Of those that failed, why. */
  readonly failures: readonly string[];
}

/** The most seconds that are promised, worst of all runs. For `out-of-service`: until FencingRequired, and Ready after the taint. */
const PROMISED: Readonly<Record<Kind, Partial<Round>>> = {
  partition: { detected: 30, bound: 36, ready: 45 },
  'power-cut': { detected: 30, bound: 36, ready: 45 },
  'member-only': { ready: 105 },
  'node-loss': { ready: 105 },
  'out-of-service': { detected: 60, ready: 15 },
};

const NAMES: Readonly<Record<Kind, string>> = {
  partition: 'partition',
  'power-cut': 'power cut',
  'member-only': "partition, and another pod's volume there is not exclusive-attach",
  'node-loss': 'node gone: power cut, and the Node object removed at once',
  'out-of-service': 'policy Manual, power cut: `FencingRequired`; then from the taint that a person sets',
};

const PHASES = ['detected', 'bound', 'ready'] as const;

/** A table that can go into docs/disasters.md as it is. */
export function report(tallies: readonly Tally[], plain: PlainRound | undefined): BenchResult {
  return {
    figures: tallies.flatMap((tally) => figuresOf(tally, plain)),
    columns: ['seconds from the loss: median / worst (promised)', 'runs', 'failed', ...PHASES],
    rows: tallies.map(({ kind, rounds, failures }) => [
      NAMES[kind],
      String(rounds.length + failures.length),
      String(failures.length),
      ...PHASES.map((phase) => cellOf(kind, phase, rounds)),
    ]),
    notes: [
      'From the loss until the status tells of the recovery, until the pod is bound to another node, until it is Ready there. Where a person sets the taint, detected is FencingRequired, and the others count from the taint.',
      'After each run that did not fail all acknowledged records were there, once and in order, and the array never saw two writers.',
      ...tallies.flatMap(({ kind, failures }) => failures.map((why) => `Failed, ${NAMES[kind]}: ${why}`)),
      ...(plain === undefined ? [] : [toldOf(plain)]),
    ],
  };
}

export function toldOf({ notReady, ready, watchedSeconds }: PlainRound): string {
  const noticed =
    notReady === undefined ? 'the node was not called NotReady' : `the node was called NotReady after ${notReady} s`;
  return `A plain StatefulSet beside the first run: ${noticed}, and its pod was ${ready === undefined ? `not Ready elsewhere within ${watchedSeconds} s` : `Ready elsewhere after ${ready} s`}.`;
}

function cellOf(kind: Kind, phase: keyof Round, rounds: readonly Round[]): string {
  if (rounds.length === 0) return '–';
  const values = rounds.map((round) => round[phase]);
  const most = PROMISED[kind][phase];
  return `${median(values)} / ${Math.max(...values)}${most === undefined ? '' : ` (≤ ${most})`}`;
}

/** The baseline is the plain StatefulSet: NotReady for what is detected, else the time in which it was not Ready again. */
function figuresOf({ kind, rounds, failures }: Tally, plain: PlainRound | undefined): readonly Figure[] {
  const name = kind.replaceAll('-', '_');
  const failed = figure('recovery', `${name}_failed`, failures.length, 'runs', rounds.length + failures.length);
  if (rounds.length === 0) return [failed];
  const measured = PHASES.flatMap((phase) => {
    const values = rounds.map((round) => round[phase]);
    const never = plain?.ready ?? plain?.watchedSeconds ?? Number.NaN;
    const baseline = phase === 'detected' ? (plain?.notReady ?? never) : never;
    return [
      figure('recovery', `${name}_${phase}_median_s`, median(values), 's', baseline),
      figure('recovery', `${name}_${phase}_worst_s`, Math.max(...values), 's', baseline),
    ];
  });
  return [...measured, failed];
}
