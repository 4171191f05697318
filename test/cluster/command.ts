import { type ChildProcess, spawn } from 'node:child_process';

export interface RunOptions {
  readonly input?: string;
  /** Default 60. The command is killed after that. */
  readonly timeoutSeconds?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Called with each piece of standard error as it comes. */
  readonly onErrorOutput?: (text: string) => void;
}

/** A command ended with another code than 0, or not in time. The message has what it printed. */
export class CommandError extends Error {
  readonly exitCode: number | undefined;
  readonly stderr: string;
  constructor(message: string, exitCode: number | undefined, stderr: string) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

/** An interrupted start must not leave a build running. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

const lastLines = (text: string): string => text.trim().split('\n').slice(-20).join('\n');

/** Runs a command to its end and returns its standard output. Throws CommandError. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  running.add(child);
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    errors.push(chunk);
    options.onErrorOutput?.(chunk.toString());
  });
  // A command that ends before it has read its input breaks the pipe; its exit code tells why.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const timeoutSeconds = options.timeoutSeconds ?? 60;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, timeoutSeconds * 1000);
  try {
    const code = await new Promise<number | undefined>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status) => resolve(status ?? undefined));
    });
    const stderr = Buffer.concat(errors).toString();
    const shown = [command, ...args].join(' ').slice(0, 300);
    if (late)
      throw new CommandError(`${shown}: not done after ${timeoutSeconds} s\n${lastLines(stderr)}`, code, stderr);
    if (code !== 0) {
      const said = lastLines(stderr) || lastLines(Buffer.concat(output).toString());
      throw new CommandError(`${shown}: exit code ${code ?? 'none (killed)'}\n${said}`, code, stderr);
    }
    return Buffer.concat(output).toString();
  } finally {
    clearTimeout(timer);
    running.delete(child);
  }
}

/** Like run, but answers undefined instead of throwing: for "is it there?" and for removing what may be gone. */
export async function tryRun(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string | undefined> {
  try {
    return await run(command, args, options);
  } catch {
    return undefined;
  }
}
