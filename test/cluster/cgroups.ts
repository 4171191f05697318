import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify, signal, waitForEnd } from './processes.ts';
import { waitUntil } from './wait-until.ts';

const ROOT = '/sys/fs/cgroup';

/** Version 2 has one tree, version 1 one for each controller. */
function hierarchies(): readonly string[] {
  if (existsSync(join(ROOT, 'cgroup.controllers'))) return [ROOT];
  return readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(ROOT, entry.name));
}

/** Creates the cgroup that a node's pods live under, in every hierarchy. */
export function createCgroup(name: string): void {
  for (const root of hierarchies()) {
    if (root.endsWith('/unified')) continue;
    mkdirSync(join(root, name), { recursive: true });
  }
  // A new cpuset of version 1 is empty, and nothing can run in it.
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const from = join(ROOT, 'cpuset', file);
    if (existsSync(from)) writeFileSync(join(ROOT, 'cpuset', name, file), readFileSync(from));
  }
}

/** All cgroups of that name and those below them, innermost first. */
function cgroupsNamed(name: string): readonly string[] {
  return hierarchies()
    .map((root) => join(root, name))
    .filter((path) => existsSync(path))
    .flatMap((path) => [path, ...below(path)])
    .toReversed();
}

function below(path: string): readonly string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => [join(path, entry.name), ...below(join(path, entry.name))]);
}

/** Kills every process in the cgroup of that name, in all hierarchies, until none is left. */
export async function killCgroup(name: string): Promise<void> {
  await waitUntil(
    `cgroup ${name} becoming empty`,
    async () => {
      const pids = [...new Set(cgroupsNamed(name).flatMap(processesIn))].filter((pid) => identify(pid) !== undefined);
      signal(pids, 'SIGKILL');
      await waitForEnd(pids);
      return pids.length === 0;
    },
    { timeoutSeconds: 30, everyMilliseconds: 20 },
  );
}

function processesIn(cgroup: string): readonly number[] {
  try {
    return readFileSync(join(cgroup, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Kills what is in it and removes it. The kernel needs a moment after the last process's end. */
export async function removeCgroup(name: string): Promise<void> {
  await killCgroup(name);
  await waitUntil(
    `removing cgroup ${name}`,
    () => {
      for (const path of cgroupsNamed(name)) rmdirSync(path);
      return true;
    },
    { timeoutSeconds: 10, everyMilliseconds: 50 },
  );
}

/** Names of the clusters' cgroups, for instance of index 1: pf1-n1, pf1-n2. */
export function cgroupsStartingWith(prefix: string): readonly string[] {
  if (!existsSync(ROOT)) return [];
  const names = hierarchies().flatMap((root) => readdirSync(root, { withFileTypes: true }));
  return [
    ...new Set(
      names.filter((entry) => entry.isDirectory() && entry.name.startsWith(prefix)).map((entry) => entry.name),
    ),
  ];
}
