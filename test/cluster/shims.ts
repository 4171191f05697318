import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { processesOf, signal, waitForEnd } from './processes.ts';

/** A shim stands between containerd and one pod. It is in nobody's process group, and survives containerd. */
export function shimsOf(folder: string): readonly number[] {
  return processesOf('containerd-shim-runc-v2', `${folder}/`);
}

/** Kills the shims of the containerds that keep their sockets below the folder. */
export async function killShims(folder: string): Promise<void> {
  const pids = shimsOf(folder);
  signal(pids, 'SIGKILL');
  await waitForEnd(pids);
  // containerd keeps their sockets in /run/containerd/s, whatever its own folders are; killed shims leave them behind.
  for (const file of addressFiles(folder)) {
    const socket = /unix:\/\/(\/run\/containerd\/s\/[0-9a-f]+)/.exec(readFileSync(file, 'utf8'))?.[1];
    if (socket !== undefined) rmSync(socket, { force: true });
  }
}

/** A running container's bundle has its shim's address in `bootstrap.json`. The folder is a node's, or has nodes' folders in it. */
function addressFiles(folder: string): readonly string[] {
  return [folder, ...foldersIn(folder).filter((path) => /^n\d+$/.test(basename(path)))]
    .flatMap((node) => foldersIn(join(node, 'state', 'io.containerd.runtime.v2.task', 'k8s.io')))
    .map((bundle) => join(bundle, 'bootstrap.json'))
    .filter((file) => existsSync(file));
}

function foldersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name));
}
