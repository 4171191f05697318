import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { waitUntil } from './wait-until.ts';

/** A process that cannot be taken for a later one with the same number. Start in clock ticks since boot (proc(5), stat field 22). */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: number;
}

/** Fields of /proc/PID/stat after the command name, which may hold spaces and brackets itself. */
function statFields(pid: number): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** Undefined when there is no such process, or it has ended and only waits for its parent to notice. */
export function identify(pid: number): ProcessIdentity | undefined {
  const fields = statFields(pid);
  if (fields === undefined || fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return { pid, startTicks: Number(fields[19]) };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startTicks === identity.startTicks;
}

/** Sends the signal to each; those that ended meanwhile are no error. A negative number means a process group (kill(2)). */
export function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
}

/** Processes of that program (name without folder) that have an argument in which the text occurs, for instance the path of a socket. */
export function processesOf(program: string, text: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const [command = '', ...args] = commandLine(pid);
      return basename(command) === program && args.some((argument) => argument.includes(text));
    });
}

function commandLine(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** Bounded by 20 s: a killed process that stays hangs in the kernel, and the message names it. */
export async function waitForEnd(pids: readonly number[]): Promise<void> {
  const left = (): readonly number[] => pids.filter((pid) => identify(pid) !== undefined);
  await waitUntil(`the end of processes ${pids.join(', ')}`, () => left().length === 0, {
    timeoutSeconds: 20,
    everyMilliseconds: 20,
  });
}
