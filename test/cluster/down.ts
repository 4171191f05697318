import { existsSync, rmSync } from 'node:fs';
import type { Addresses } from './addresses.ts';
import { sweepArray } from './array/sweep.ts';
import { cgroupsStartingWith, removeCgroup } from './cgroups.ts';
import { startedComponents, stopComponents } from './component.ts';
import { withFileLock } from './file-lock.ts';
import { machineTraces, removeMachineTraces } from './machine-traces.ts';
import { detachLoopDevicesUnder, loopDevicesUnder, mountsUnder, unmountUnder } from './mounts.ts';
import { links, networkNamespaces, removeNetwork } from './network.ts';
import { isAlive } from './processes.ts';
import { killShims, shimsOf } from './shims.ts';

/** What a cluster has put on this machine, each as a person would name it. Empty after `down`. */
export function leftovers(addresses: Addresses): readonly string[] {
  const { index, stateDir, bridge } = addresses;
  return [
    ...startedComponents(stateDir)
      .filter(isAlive)
      .map(({ name, pid }) => `process ${pid} (${name})`),
    ...shimsOf(stateDir).map((pid) => `process ${pid} (containerd's shim)`),
    ...cgroupsStartingWith(`pf${index}-`).map((name) => `cgroup ${name}`),
    ...mountsUnder(stateDir).map((point) => `mount ${point}`),
    ...loopDevicesUnder(stateDir).map((device) => `loop device ${device}`),
    ...networkNamespaces(index).map((name) => `network namespace ${name}`),
    ...links(index).map((name) => `network link ${name}`),
    ...(existsSync(`/sys/class/net/${bridge}`) ? [`network bridge ${bridge}`] : []),
    ...machineTraces(stateDir).map((path) => `file ${path}`),
    ...(existsSync(stateDir) ? [`folder ${stateDir}`] : []),
  ];
}

/** One at a time for each cluster: the owner's own call, its keeper's and the next `up` may come together. */
export async function takeDown(addresses: Addresses): Promise<void> {
  await withFileLock(`${addresses.stateDir}.lock`, { timeoutSeconds: 120 }, () => remove(addresses));
}

async function remove(addresses: Addresses): Promise<void> {
  const { index, stateDir } = addresses;
  await stopComponents(stateDir);
  await killShims(stateDir);
  for (const name of cgroupsStartingWith(`pf${index}-`)) await removeCgroup(name);
  // Before the others: a volume whose disk fails needs what the array knows.
  await sweepArray(stateDir);
  await unmountUnder(stateDir);
  await detachLoopDevicesUnder(stateDir);
  await removeNetwork(addresses);
  removeMachineTraces(stateDir);
  rmSync(stateDir, { recursive: true, force: true });
}
