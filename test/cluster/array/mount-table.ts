import { readFileSync } from 'node:fs';
import { run, tryRun } from '../command.ts';

export interface Mount {
  readonly mountPoint: string;
  readonly source: string;
}

/** Everything mounted in this process's mount namespace, oldest first; of two at one place the later one is on top. */
export function mounts(): readonly Mount[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map(parseMount);
}

/** proc_pid_mountinfo(5): the optional fields before ` - ` vary in number. */
function parseMount(line: string): Mount {
  const [before = '', after = ''] = line.split(' - ');
  return { mountPoint: unescape(before.split(' ')[4] ?? ''), source: unescape(after.split(' ')[1] ?? '') };
}

function unescape(text: string): string {
  return text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** What is mounted at that place, or undefined. */
export function mountAt(path: string): Mount | undefined {
  return mounts().findLast((mount) => mount.mountPoint === path);
}

/** Takes away all that is mounted at the place. Lazily, when it is in use: it is gone from the place at once in any case. */
export async function unmountAll(path: string): Promise<void> {
  // Bounded: each turn takes one layer away.
  for (let layer = 0; layer < 16 && mountAt(path) !== undefined; layer++) {
    if ((await tryRun('umount', [path])) === undefined) await run('umount', ['--lazy', path]);
  }
}
