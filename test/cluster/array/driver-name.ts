import { join } from 'node:path';

export const DRIVER = 'array.proffer.dev';

/** The part of the array that a node is wired to: its zone. Volumes of a zonal pool are bound to it. */
export const SEGMENT_KEY = `topology.${DRIVER}/segment`;

/** The node itself. Only in use when there is a pool per node: otherwise thousands of nodes would each be a capacity segment. */
export const NODE_KEY = `topology.${DRIVER}/node`;

/** Where everything of the array is kept, within the folder of the cluster. */
export function arrayDir(stateDir: string): string {
  return join(stateDir, 'array');
}

/** The controller and identity services, for the sidecars. */
export function controllerSocket(stateDir: string): string {
  return join(arrayDir(stateDir), 'csi.sock');
}

/** HTTP for tests: faults and questions. */
export function controlSocket(stateDir: string): string {
  return join(arrayDir(stateDir), 'control.sock');
}

/** The node and identity services, where kubelet finds them. */
export function nodeSocket(kubeletRoot: string): string {
  return join(kubeletRoot, 'plugins', DRIVER, 'csi.sock');
}

/** The socket through which kubelet learns of the driver. */
export function registrationSocket(kubeletRoot: string): string {
  return join(kubeletRoot, 'plugins_registry', `${DRIVER}-reg.sock`);
}
