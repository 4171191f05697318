// How long it takes until a member of a lost node is Ready elsewhere, and that nothing is lost on the way.
import type { BenchResult } from '../figure.ts';
import type { Kind, RecoveryBenchOptions } from './options.ts';
import { type PlainRound, type Round, playRound } from './round.ts';
import { Stage } from './stage.ts';
import { type Tally, report, toldOf } from './tally.ts';

type Progress = (line: string) => void;

/** Every run of every kind on one cluster; the member goes round the nodes. A run that fails is counted, and the next one begun. */
export async function benchRecovery(options: RecoveryBenchOptions, progress: Progress): Promise<BenchResult> {
  const { kinds, plainSeconds } = options;
  const clock = new RunClock(kinds.length * options.runs);
  const stage = await Stage.start(progress);
  const tallies: Tally[] = [];
  try {
    if (plainSeconds > 0) await stage.addPlain();
    const series = new Series({ stage, options, clock, progress });
    for (const kind of kinds) tallies.push(await series.play(kind));
    // Whoever calls should know without reading.
    if (tallies.some(({ failures }) => failures.length > 0)) process.exitCode = 1;
    return report(tallies, series.plain);
  } finally {
    await stage.stop();
  }
}

interface SeriesParts {
  readonly stage: Stage;
  readonly options: RecoveryBenchOptions;
  readonly clock: RunClock;
  readonly progress: Progress;
}

class Series {
  /** Of the first run that did not fail. */
  plain: PlainRound | undefined;
  readonly #parts: SeriesParts;
  #isBroken = false;

  constructor(parts: SeriesParts) {
    this.#parts = parts;
  }

  /** As many runs of the kind as are asked for. Once the member is not well again between two, those that are left fail. */
  async play(kind: Kind): Promise<Tally> {
    const { stage, options, clock, progress } = this.#parts;
    await prepare(stage, kind);
    const [rounds, failures]: [Round[], string[]] = [[], []];
    for (let run = 1; run <= options.runs; run += 1) {
      const outcome = await this.#tryOnce(kind);
      if (typeof outcome === 'string') failures.push(outcome);
      else rounds.push(outcome);
      progress(
        `${kind} ${run}/${options.runs}: ${typeof outcome === 'string' ? `FAILED: ${outcome}` : told(outcome)}; ${clock.tick()}`,
      );
    }
    return { kind, rounds, failures };
  }

  async #tryOnce(kind: Kind): Promise<Round | string> {
    const { stage, options, progress } = this.#parts;
    if (this.#isBroken) return 'not begun, since the member was not well again after the one before';
    try {
      const { round, plain } = await playRound(stage, kind, this.plain === undefined ? options.plainSeconds : 0);
      if (plain !== undefined) progress(toldOf(plain));
      this.plain ??= plain;
      return round;
    } catch (error) {
      this.#isBroken = !(await stage.isWell());
      return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
    }
  }
}

function told({ detected, bound, ready }: Round): string {
  return `detected ${detected} s, bound ${bound} s, Ready ${ready} s, every record is there`;
}

async function prepare(stage: Stage, kind: Kind): Promise<void> {
  if (kind === 'member-only') await stage.addBystanders();
  if (kind === 'node-loss') await stage.removeBystanders();
  if (kind !== 'out-of-service') return;
  const manual = JSON.stringify({ spec: { recovery: { nodeFailure: { policy: 'Manual' } } } });
  await stage.cluster.kubectl(['patch', 'papp', 'recorder', '--type', 'merge', '-p', manual]);
}

/** How long all of it will take, by how long it took so far. */
class RunClock {
  readonly #runs: number;
  readonly #startedAt = Date.now();
  #done = 0;

  constructor(runs: number) {
    this.#runs = runs;
  }

  tick(): string {
    this.#done += 1;
    const minutes = (Date.now() - this.#startedAt) / 60_000;
    const left = (minutes / this.#done) * (this.#runs - this.#done);
    return `${minutes.toFixed(1)} min, about ${left.toFixed(0)} min to go`;
  }
}
