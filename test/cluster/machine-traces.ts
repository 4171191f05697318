import { existsSync, readFileSync, readdirSync, readlinkSync, rmSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { processesOf } from './processes.ts';

// Files outside of a cluster's own folders: kubelet, containerd and CNI write these to fixed places, whatever they are told.

/** The kubelet links each container's log there. */
const CONTAINER_LOGS = '/var/log/containers';
/** CNI remembers the result of each call there. */
const CNI_RESULTS = '/var/lib/cni/results';
/** The kubelet listens for device plugins there. */
const DEVICE_PLUGIN_SOCKET = '/var/lib/kubelet/device-plugins/kubelet.sock';

/** Only root has real nodes, and only root may look there. */
const filesIn = (folder: string): readonly string[] =>
  process.getuid?.() === 0 && existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];

/** Files in the machine's own folders that belong to the cluster of this state folder. */
export function machineTraces(stateDir: string): readonly string[] {
  const own = `${stateDir}/`;
  const logs = filesIn(CONTAINER_LOGS).filter((path) => targetOf(path).startsWith(own));
  const results = filesIn(CNI_RESULTS).filter((path) => textOf(path).includes(own));
  return [...logs, ...results];
}

/** Other clusters remove their files meanwhile: what is gone is nobody's. */
function targetOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Removes them, and the folders when nothing else is in them. The socket is any kubelet's: it goes with the machine's last one. */
export function removeMachineTraces(stateDir: string): void {
  if (process.getuid?.() !== 0) return;
  for (const path of machineTraces(stateDir)) rmSync(path, { force: true });
  if (processesOf('kubelet', '').length === 0) rmSync(DEVICE_PLUGIN_SOCKET, { force: true });
  const folders = [
    CONTAINER_LOGS,
    CNI_RESULTS,
    dirname(CNI_RESULTS),
    dirname(DEVICE_PLUGIN_SOCKET),
    '/var/lib/kubelet',
  ];
  for (const folder of folders) if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}
