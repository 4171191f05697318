// How long it takes until a member of a lost node is Ready elsewhere, and that nothing is lost on the way.
import { type BenchResult, type Figure, figure, median } from '../figure.ts';
import { KINDS, type Kind, type RecoveryBenchOptions } from './options.ts';
import { type PlainRound, type Round, playRound } from './round.ts';
import { Stage } from './stage.ts';

/** The most seconds that are promised, worst of all runs. For `out-of-service`: until FencingRequired, and Ready after the taint. */
const PROMISED: Readonly<Record<Kind, Partial<Round>>> = {
  partition: { detected: 30, bound: 36, ready: 45 },
  'power-cut': { detected: 30, bound: 36, ready: 45 },
  'member-only': { ready: 105 },
  'out-of-service': { detected: 60, ready: 15 },
};

const PHASES = ['detected', 'bound', 'ready'] as const;

/** Every run of every kind on one cluster; the member goes round the nodes. */
export async function benchRecovery(
  { runs, plainSeconds }: RecoveryBenchOptions,
  progress: (line: string) => void,
): Promise<BenchResult> {
  const stage = await Stage.start(progress);
  const rounds: Record<Kind, Round[]> = { partition: [], 'power-cut': [], 'member-only': [], 'out-of-service': [] };
  let plain: PlainRound | undefined;
  try {
    if (plainSeconds > 0) await stage.addPlain();
    for (const kind of KINDS) {
      if (runs[kind] > 0) await prepare(stage, kind);
      for (let run = 1; run <= runs[kind]; run += 1) {
        const watched = plain === undefined ? plainSeconds : 0;
        const { round, plain: seen } = await playRound(stage, kind, watched);
        plain ??= seen;
        rounds[kind].push(round);
        const { detected, bound, ready } = round;
        progress(
          `${kind} ${run}/${runs[kind]}: detected ${detected} s, bound ${bound} s, Ready ${ready} s; every record is there`,
        );
        if (seen !== undefined) progress(told(seen));
      }
    }
  } finally {
    await stage.stop();
  }
  return report(rounds, plain);
}

async function prepare(stage: Stage, kind: Kind): Promise<void> {
  if (kind === 'member-only') await stage.addBystanders();
  if (kind !== 'out-of-service') return;
  const manual = JSON.stringify({ spec: { recovery: { nodeFailure: { policy: 'Manual' } } } });
  await stage.cluster.kubectl(['patch', 'papp', 'recorder', '--type', 'merge', '-p', manual]);
}

function told({ notReady, ready, watchedSeconds }: PlainRound): string {
  const noticed =
    notReady === undefined ? 'the node was not called NotReady' : `the node was called NotReady after ${notReady} s`;
  return `plain StatefulSet: ${noticed}, and its pod was ${ready === undefined ? `never Ready elsewhere within ${watchedSeconds} s` : `Ready after ${ready} s`}`;
}

function report(rounds: Readonly<Record<Kind, readonly Round[]>>, plain: PlainRound | undefined): BenchResult {
  const measured = KINDS.filter((kind) => rounds[kind].length > 0);
  const rows = measured.map((kind) => [
    `${kind}, ${rounds[kind].length} runs`,
    ...PHASES.map((phase) => {
      const values = rounds[kind].map((round) => round[phase]);
      const most = PROMISED[kind][phase];
      return `${median(values)} / ${Math.max(...values)}${most === undefined ? '' : ` (≤ ${most})`}`;
    }),
  ]);
  return {
    figures: measured.flatMap((kind) => figuresOf(kind, rounds[kind], plain)),
    columns: ['seconds: median / worst (promised)', ...PHASES],
    rows,
    notes: [
      'From the loss until the status tells of the recovery, until the pod is bound to another node, until it is Ready there. out-of-service: detected is FencingRequired, the others count from the taint that a person sets.',
      'After each run all acknowledged records were there, once and in order, and the array never saw two writers.',
      ...(plain === undefined ? [] : [told(plain)]),
    ],
  };
}

/** The baseline is the plain StatefulSet: NotReady for what is detected, else the time in which it was not Ready again. */
function figuresOf(kind: Kind, rounds: readonly Round[], plain: PlainRound | undefined): readonly Figure[] {
  const name = kind.replaceAll('-', '_');
  return PHASES.flatMap((phase) => {
    const values = rounds.map((round) => round[phase]);
    const never = plain?.ready ?? plain?.watchedSeconds ?? Number.NaN;
    const baseline = phase === 'detected' ? (plain?.notReady ?? never) : never;
    return [
      figure('recovery', `${name}_${phase}_median_s`, median(values), 's', baseline),
      figure('recovery', `${name}_${phase}_worst_s`, Math.max(...values), 's', baseline),
    ];
  });
}
