import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Addresses, nodeAddressesOf } from './addresses.ts';
import type { ApiClient } from './api-client.ts';
import { isRunning, logTail } from './component.ts';
import { contentRoot } from './images/content-root.ts';
import { profferImage } from './images/images.ts';
import { type KnownLayer, writeOciArchive } from './images/oci-archive.ts';
import { RealNode } from './real-node.ts';
import { waitUntil } from './wait-until.ts';

export interface RealNodesOptions {
  readonly count: number;
  readonly binDir: string;
  readonly dns: boolean;
  readonly imageArchives: readonly string[];
  readonly onProgress: (line: string) => void;
}

/** Names of the identities that real nodes log in with, before there are any nodes. */
export function realNodeNames(cluster: Addresses, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => nodeAddressesOf(cluster, i + 1).name);
}

/** Creates the nodes side by side; they register with the API server meanwhile. */
export async function startRealNodes(cluster: Addresses, options: RealNodesOptions): Promise<readonly RealNode[]> {
  const { count, binDir, dns, imageArchives, onProgress } = options;
  const content = await contentRoot({ toolsDir: binDir, containerdDir: binDir, archives: imageArchives, onProgress });
  onProgress(`Starting ${count} real nodes`);
  const addresses = Array.from({ length: count }, (_, i) => nodeAddressesOf(cluster, i + 1));
  const settings = { cluster, binDir, dns, imagesRoot: content.root };
  const nodes = addresses.map((own) => new RealNode(own, settings));
  const image = writeProfferImage(join(cluster.stateDir, 'images'), content.profferBase);
  await Promise.all(
    nodes.map(async (node) => {
      await node.create(addresses.filter(({ name }) => name !== node.name));
      await node.importImages(await image);
    }),
  );
  return nodes;
}

/** Makes the image of Proffer as it is now, without its base, which the nodes have. Returns the archive's path. */
export async function writeProfferImage(folder: string, base: readonly KnownLayer[]): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'proffer.tar');
  await writeOciArchive(path, [await profferImage(join(folder, 'proffer-layer.tar'), base)]);
  return path;
}

interface NodeCondition {
  readonly type: string;
  readonly status: string;
  /** RFC 3339, whole seconds. */
  readonly lastHeartbeatTime?: string;
}

interface NodeObject {
  readonly status: { readonly conditions?: readonly NodeCondition[] };
}

/** Returns when the node's kubelet has said, since that moment (epoch milliseconds), that it is Ready; an ended kubelet is said at once. */
export async function waitUntilReady(cluster: Addresses, client: ApiClient, name: string, since = 0): Promise<void> {
  const kubelet = `${name}-kubelet`;
  const saysReady = ({ type, status, lastHeartbeatTime }: NodeCondition): boolean =>
    type === 'Ready' && status === 'True' && Date.parse(lastHeartbeatTime ?? '') >= since - 1000;
  const ask = async (): Promise<boolean> => {
    const node = await client.send<NodeObject>('GET', `/api/v1/nodes/${name}`);
    return node.status.conditions?.some(saysReady) ?? false;
  };
  const wait = { timeoutSeconds: 90, everyMilliseconds: 200 };
  await waitUntil(`node ${name} becoming Ready`, ask, wait).catch((error: Error) => {
    const state = isRunning(cluster.stateDir, kubelet) ? 'runs' : 'ended';
    const tail = logTail(cluster.stateDir, kubelet);
    throw new Error(`${error.message}\nIts kubelet ${state}; its log ends with:\n${tail}`, { cause: error });
  });
}
