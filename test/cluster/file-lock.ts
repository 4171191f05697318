import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ProcessIdentity, identify, isAlive } from './processes.ts';
import { waitUntil } from './wait-until.ts';

function holderOf(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

/** A lock file appears whole (link of a finished file) or not at all; one whose holder is dead is taken away. */
function tryLock(path: string): boolean {
  const holder = holderOf(path);
  if (holder !== undefined && !isAlive(holder)) rmSync(path, { force: true });
  const own = `${path}.${process.pid}`;
  writeFileSync(own, JSON.stringify(identify(process.pid)));
  try {
    linkSync(own, path);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

export interface LockOptions {
  readonly timeoutSeconds: number;
  /** Called once when somebody else holds the lock. */
  readonly onWait?: (holderPid: number) => void;
}

/** Runs `work` while no other process on this machine runs under the same lock file. */
export async function withFileLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  let told = false;
  await waitUntil(
    `taking the lock ${path}`,
    () => {
      if (tryLock(path)) return true;
      const holder = holderOf(path);
      if (!told && holder !== undefined) options.onWait?.(holder.pid);
      told = true;
      return false;
    },
    { timeoutSeconds: options.timeoutSeconds, everyMilliseconds: 200 },
  );
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}
