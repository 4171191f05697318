// The keeper of a cluster: a small process of its own that takes the cluster down when its owner ends without having done so,
// however it ends: interrupt, crash, SIGKILL. It notices by the end of its standard input, whose other end the owner holds.
import { spawn } from 'node:child_process';
import { type Addresses, addressesOf } from './addresses.ts';
import { takeDown } from './down.ts';
import { ownerOf } from './owner.ts';

/** The owner's handle of its keeper. */
export interface Keeper {
  /** The keeper leaves without doing anything: the cluster is down, or shall stay up without its owner. */
  dismiss(): void;
}

const DISMISS = 'dismiss\n';

export function startKeeper({ index, stateDir }: Addresses): Keeper {
  const child = spawn(process.execPath, [import.meta.filename, String(index), stateDir, String(process.pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  child.stdin.on('error', () => {});
  child.unref();
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  return { dismiss: () => child.stdin.end(DISMISS) };
}

async function keep(index: number, stateDir: string, ownerPid: number): Promise<void> {
  let said = '';
  for await (const chunk of process.stdin) said += String(chunk);
  if (said === DISMISS) return;
  const owner = ownerOf(stateDir);
  // Somebody may have taken the cluster over, or its place, while our owner ended.
  const ours = owner === undefined || (owner.kind === 'process' && owner.process.pid === ownerPid);
  if (ours) await takeDown(addressesOf(index, stateDir));
}

if (import.meta.main) await keep(Number(process.argv[2]), process.argv[3] ?? '', Number(process.argv[4]));
