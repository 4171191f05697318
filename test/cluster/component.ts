import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProcessIdentity, identify, isAlive, signal, waitForEnd } from './processes.ts';

/** A program that runs beside the tests until it is stopped, also by another process than the one that started it. */
export interface ComponentSpec {
  /** Unique within the state folder: names the log file and the pid file. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Network namespace (of /run/netns) to run in. */
  readonly netns?: string;
  /** Whether it is started again whenever it ends. */
  readonly restart?: boolean;
}

/**
 * Of programs in Go that no benchmark measures: less collecting of garbage for more memory. It was a tenth of the CPU that a test's control
 * plane takes.
 */
export const GO_ENVIRONMENT = { GOGC: '300' };

export interface RunningComponent extends ProcessIdentity {
  readonly name: string;
}

export const logPath = (stateDir: string, name: string): string => join(stateDir, 'log', `${name}.log`);
const pidPath = (stateDir: string, name: string): string => join(stateDir, 'pid', `${name}.json`);

/** The restart loop is a shell's, not ours, so that it outlives the process that started the cluster. */
const RESTART_LOOP = 'while :; do "$@"; echo "ended with $?, starts again" >&2; sleep 0.5; done';

function commandLine(spec: ComponentSpec): readonly string[] {
  const plain = [spec.command, ...spec.args];
  const looped = spec.restart === true ? ['/bin/sh', '-c', RESTART_LOOP, spec.name, ...plain] : plain;
  // Not `ip netns exec`: it remounts /sys, which hides the cgroups.
  return spec.netns === undefined ? looped : ['nsenter', `--net=/run/netns/${spec.netns}`, ...looped];
}

/** Starts the program as leader of its own process group, with its output in log/NAME.log. */
export function startComponent(stateDir: string, spec: ComponentSpec): RunningComponent {
  mkdirSync(join(stateDir, 'log'), { recursive: true });
  mkdirSync(join(stateDir, 'pid'), { recursive: true });
  const log = openSync(logPath(stateDir, spec.name), 'a');
  try {
    const [command = '', ...args] = commandLine(spec);
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...spec.env },
      cwd: spec.cwd ?? stateDir,
    });
    // Told below, by the missing pid.
    child.on('error', () => {});
    child.unref();
    if (child.pid === undefined)
      throw new Error(`${spec.name} cannot be started: ${command} is missing or not executable`);
    const running = { name: spec.name, pid: child.pid, startTicks: identify(child.pid)?.startTicks ?? 0 };
    record(stateDir, running);
    return running;
  } finally {
    closeSync(log);
  }
}

/** Whole or not at all: whoever cleans up after us must never meet half a file. */
function record(stateDir: string, running: RunningComponent): void {
  const temporary = join(stateDir, 'log', `.${running.name}.json`);
  writeFileSync(temporary, JSON.stringify(running));
  renameSync(temporary, pidPath(stateDir, running.name));
}

/** What was started in this state folder and not stopped, whether it still runs or not. */
export function startedComponents(stateDir: string): readonly RunningComponent[] {
  try {
    return readdirSync(join(stateDir, 'pid')).map(
      (file) => JSON.parse(readFileSync(join(stateDir, 'pid', file), 'utf8')) as RunningComponent,
    );
  } catch {
    return [];
  }
}

export function isRunning(stateDir: string, name: string): boolean {
  return startedComponents(stateDir).some((component) => component.name === name && isAlive(component));
}

/** Kills the named components with all their children (default: every one), and waits until they are gone. */
export async function stopComponents(stateDir: string, names?: readonly string[]): Promise<void> {
  const chosen = startedComponents(stateDir).filter(({ name }) => names === undefined || names.includes(name));
  const alive = chosen.filter(isAlive);
  signal(
    alive.map(({ pid }) => -pid),
    'SIGKILL',
  );
  await waitForEnd(alive.map(({ pid }) => pid));
  for (const { name } of chosen) rmSync(pidPath(stateDir, name), { force: true });
}

/** Sends a signal to a component's whole process group, for instance SIGSTOP and SIGCONT to freeze it for a while. */
export function signalComponent(stateDir: string, name: string, what: NodeJS.Signals): void {
  const found = startedComponents(stateDir).find((component) => component.name === name && isAlive(component));
  if (found === undefined) throw new Error(`${name} does not run`);
  signal([-found.pid], what);
}

/** The end of a component's log, for error messages. */
export function logTail(stateDir: string, name: string, lines = 15): string {
  try {
    return readFileSync(logPath(stateDir, name), 'utf8').trim().split('\n').slice(-lines).join('\n');
  } catch {
    return '(no log)';
  }
}
