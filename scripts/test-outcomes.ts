// What came of a run of Jest, by tier, from the events that scripts/progress-reporter.ts wrote.
import { readFileSync } from 'node:fs';
import type { Failure, FileEvent } from './progress-reporter.ts';
import { tierOf, type Tier } from '../test/tiers.ts';

export interface Outcome {
  readonly name: string;
  readonly passed: number;
  /** Tests, and files that did not run or did not end. */
  readonly failed: number;
  readonly skipped: number;
  readonly note: string;
  /** From the first file's start to the last one's end: tiers that share workers overlap. */
  readonly seconds: number;
  readonly failures: readonly Failure[];
}

/** None when Jest did not get so far as to begin a file. */
export function readEvents(path: string): readonly FileEvent[] {
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as FileEvent);
  } catch {
    return [];
  }
}

/** `status`: Jest's exit code, or why it has none. A run that went wrong without any failed test is a failure of the first tier. */
export function outcomesOf(
  tiers: readonly Tier[],
  events: readonly FileEvent[],
  status: number | string,
): readonly Outcome[] {
  const outcomes = tiers.map((tier) =>
    outcomeOf(
      tier,
      events.filter(({ path }) => tierOf(path) === tier),
      status,
    ),
  );
  const [first, ...others] = outcomes;
  if (first === undefined || status === 0 || outcomes.some(({ failed }) => failed > 0)) return outcomes;
  const message = `${whyOf(status)}; what it said is above`;
  const failure = { name: `the run of ${tiers.join(' and ')}`, message };
  return [{ ...first, failed: 1, failures: [failure] }, ...others];
}

/** Of scripts/jest.ts: 124 means out of time. */
function whyOf(status: number | string): string {
  if (typeof status === 'string') return `Jest ${status}`;
  return status === 124 ? 'Jest was ended, out of time' : `Jest exited with ${status}`;
}

function outcomeOf(tier: Tier, events: readonly FileEvent[], status: number | string): Outcome {
  const ended = events.filter((event) => event.event === 'ended');
  const isEnded = new Set(ended.map(({ path }) => path));
  const cutOff = events.filter((event) => event.event === 'started' && !isEnded.has(event.path));
  const sum = (pick: (file: (typeof ended)[number]) => number): number =>
    ended.reduce((total, file) => total + pick(file), 0);
  const times = events.map(({ at }) => at);
  return {
    name: tier,
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed) + cutOff.length,
    skipped: sum(({ skipped }) => skipped),
    note: ended.length === 0 && cutOff.length === 0 ? 'no file ran' : '',
    seconds: times.length === 0 ? 0 : Math.max(...times) - Math.min(...times),
    failures: [
      ...ended.flatMap(({ failures }) => failures),
      ...cutOff.map(({ path }) => ({ name: path, message: `did not end: ${whyOf(status)}` })),
    ],
  };
}

/** One for each name, in the order in which they come first: a tier may have run in two rounds. */
export function addedUp(outcomes: readonly Outcome[]): readonly Outcome[] {
  return [...Map.groupBy(outcomes, ({ name }) => name).values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [others.reduce(sumOf, first)],
  );
}

function sumOf(a: Outcome, b: Outcome): Outcome {
  return {
    name: a.name,
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    note: [a.note, b.note].filter((note) => note !== '').join('; '),
    seconds: a.seconds + b.seconds,
    failures: [...a.failures, ...b.failures],
  };
}
