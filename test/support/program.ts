// Runs one of Proffer's programs (operator, extender), or one beside them, as a child process, and keeps what it says.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface Program {
  readonly name: string;
  readonly pid: number;
  /** Everything it wrote, for a failing test's message. */
  output(): string;
  /** True once it has ended, for whatever reason. */
  ended(): boolean;
  /** Throws, naming it and how it ended, when it has ended. */
  expectAlive(): void;
  /** Null while it runs, and when a signal ended it. */
  exitCode(): number | null;
  /** Sends the signal and waits until it has ended (SIGSTOP and SIGCONT do not wait). */
  kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
}

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
const KEPT_CHARACTERS = 200_000;

/** With PROFFER_LATE_WATCHES_MS every program is told of everything late: to search, see CONTRIBUTING.md. */
const LATE_MS = process.env['PROFFER_LATE_WATCHES_MS'] ?? '0';
if (!/^\d{1,6}$/.test(LATE_MS))
  throw new Error(`PROFFER_LATE_WATCHES_MS is "${LATE_MS}": it must be milliseconds, an integer of 0 or more`);
const PRELOADED = Number(LATE_MS) > 0 ? ['--import', join(import.meta.dirname, 'late-watches.ts')] : [];

/** Starts `node src/main.ts ARGS`. It is killed when this process ends. */
export function startProgram(args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  return startCommand(args[0] ?? 'proffer', process.execPath, [...PRELOADED, MAIN, ...args], env);
}

/** Starts any command, called `name` when it ends too early. It is killed when this process ends. */
export function startCommand(
  name: string,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Program {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let said = '';
  const keep = (chunk: Buffer): void => {
    said = (said + chunk.toString()).slice(-KEPT_CHARACTERS);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const killWithUs = (): boolean => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const exited = once(child, 'exit').finally(() => process.off('exit', killWithUs));
  exited.catch(() => undefined);
  return {
    name,
    pid: child.pid ?? 0,
    output: () => said,
    ended: () => hasEnded(child),
    expectAlive: () => {
      if (hasEnded(child)) throw new Error(`${name} ended with ${child.exitCode ?? child.signalCode}`);
    },
    exitCode: () => child.exitCode,
    async kill(signal) {
      if (hasEnded(child)) return;
      child.kill(signal);
      if (signal === 'SIGKILL' || signal === 'SIGTERM') await exited;
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
