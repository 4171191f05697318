// A Jest reporter for a run of all tiers: a line for each file that is done, with what failed in it, and every half minute which files run. It
// also writes each file's beginning and end to $PROFFER_TEST_EVENTS, so that a run that is cut off still tells what was done.
import { appendFileSync } from 'node:fs';
import { relative } from 'node:path';

/** What is written for a file, as one line of JSON. */
export type FileEvent = {
  /** Below the repository. */
  readonly path: string;
  /** Epoch seconds. */
  readonly at: number;
} & ({ readonly event: 'started' } | ({ readonly event: 'ended' } & FileCounts));

export interface FileCounts {
  readonly passed: number;
  /** Tests that failed, or 1 for a file that could not be run. */
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly Failure[];
}

export interface Failure {
  /** Of the test with its describes; of the file when that did not run. */
  readonly name: string;
  readonly message: string;
}

/** The parts of Jest's own types that are read here. */
interface TestFile {
  readonly path: string;
}

interface FileResult {
  readonly testExecError?: { readonly message?: string; readonly stack?: string } | undefined;
  readonly failureMessage?: string | null | undefined;
  readonly numPassingTests: number;
  readonly numFailingTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly fullName: string;
    readonly status: string;
    readonly failureMessages: readonly string[];
  }[];
}

const TELL_EVERY_MILLIS = 30_000;
const LONGEST_MESSAGE = 3000;

export function countsOf(path: string, result: FileResult): FileCounts {
  const failures = result.testResults
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages }) => ({ name: fullName, message: shortened(failureMessages.join('\n')) }));
  const counts = { passed: result.numPassingTests, skipped: result.numPendingTests + result.numTodoTests };
  if (result.testExecError === undefined || result.testExecError === null) {
    return { ...counts, failed: result.numFailingTests, failures };
  }
  const { stack, message } = result.testExecError;
  const why = shortened(result.failureMessage ?? stack ?? message ?? 'no reason was told');
  return { ...counts, failed: result.numFailingTests + 1, failures: [...failures, { name: path, message: why }] };
}

/** The beginning says what was expected, the end is where tests put what the programs said. */
function shortened(message: string): string {
  if (message.length <= LONGEST_MESSAGE) return message;
  const half = LONGEST_MESSAGE / 2;
  return `${message.slice(0, half)}\n… ${message.length - 2 * half} characters …\n${message.slice(-half)}`;
}

export function fileLine(path: string, seconds: number, { passed, failed, skipped }: FileCounts): string {
  const counts = `${passed} passed${failed > 0 ? `, ${failed} failed` : ''}${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  return `${failed > 0 ? 'FAIL' : 'ok  '} ${path}  ${counts}  ${seconds.toFixed(1)} s`;
}

export function failureText({ name, message }: Failure): string {
  return `  ● ${name}\n${message.replaceAll(/^(?=.)/gm, '    ')}`;
}

class ProgressReporter {
  readonly #running = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #done = 0;
  #files = 0;

  onRunStart({ numTotalTestSuites }: { readonly numTotalTestSuites: number }): void {
    this.#files = numTotalTestSuites;
    this.#timer = setInterval(() => this.#tell(), TELL_EVERY_MILLIS);
    this.#timer.unref();
  }

  onTestFileStart({ path }: TestFile): void {
    const file = relative(process.cwd(), path);
    this.#running.set(file, performance.now());
    note({ event: 'started', path: file, at: Date.now() / 1000 });
  }

  onTestFileResult({ path }: TestFile, result: FileResult): void {
    const file = relative(process.cwd(), path);
    const seconds = (performance.now() - (this.#running.get(file) ?? performance.now())) / 1000;
    this.#running.delete(file);
    this.#done += 1;
    const counts = countsOf(file, result);
    note({ event: 'ended', path: file, at: Date.now() / 1000, ...counts });
    console.log([fileLine(file, seconds, counts), ...counts.failures.map(failureText)].join('\n'));
  }

  onRunComplete(): void {
    clearInterval(this.#timer);
  }

  #tell(): void {
    const now = performance.now();
    const running = [...this.#running].map(([file, since]) => `${file} (${Math.round((now - since) / 1000)} s)`);
    console.log(`     ${this.#done} of ${this.#files} files are done; running: ${running.join(', ')}`);
  }
}

function note(event: FileEvent): void {
  const path = process.env['PROFFER_TEST_EVENTS'];
  if (path !== undefined) appendFileSync(path, `${JSON.stringify(event)}\n`);
}

// oxlint-disable-next-line import/no-default-export -- Jest takes a reporter from there only
export { ProgressReporter as default };
