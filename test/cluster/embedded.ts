import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Addresses, addressesOf, indexFromEnvironment, nodeAddressesOf } from './addresses.ts';
import { advertiseAddress } from './advertise-address.ts';
import { type ApiClient, apiClient } from './api-client.ts';
import type { ArrayControl } from './array/start-array.ts';
import { minutesAndSeconds } from './build-progress.ts';
import { buildTools, toolDir } from './build-tools.ts';
import { LOCAL_IDENTITIES, startControlPlane } from './control-plane.ts';
import { startCoreDns } from './core-dns.ts';
import { createCredentials, kubeconfigPathOf } from './credentials.ts';
import { installDebianPackages } from './debian-packages.ts';
import { startDefaultScheduler } from './default-scheduler.ts';
import { leftovers, takeDown } from './down.ts';
import { EmbeddedCluster } from './embedded-cluster.ts';
import { BASE_PACKAGES, debianBase } from './images/debian-base.ts';
import { startKeeper } from './keeper.ts';
import { startKwok } from './kwok.ts';
import { kubeletRootOf } from './node-configs.ts';
import { refuseWhenInUse, takeOwnership } from './owner.ts';
import type { RealNode } from './real-node.ts';
import { realNodeNames, startRealNodes, waitUntilReady } from './real-nodes.ts';
import type { ClusterOptions, TestCluster } from './test-cluster.ts';
import type { ToolModuleName } from './tool-modules.ts';

/** The options with their defaults filled in. */
interface Parts {
  readonly realNodes: number;
  readonly fakeNodes: boolean;
  readonly array: boolean;
  readonly sidecars: boolean;
  readonly arrayOptions: NonNullable<ClusterOptions['arrayOptions']>;
  readonly imageArchives: readonly string[];
  readonly defaultScheduler: boolean;
  readonly dns: boolean;
  readonly onProgress: (line: string) => void;
}

function partsOf(options: ClusterOptions): Parts {
  const realNodes = options.realNodes ?? 0;
  const array = options.array ?? false;
  return {
    realNodes,
    fakeNodes: options.fakeNodes ?? true,
    array,
    sidecars: options.sidecars ?? array,
    arrayOptions: options.arrayOptions ?? {},
    imageArchives: options.imageArchives ?? [],
    defaultScheduler: options.defaultScheduler ?? true,
    dns: options.dns ?? realNodes > 0,
    onProgress: options.onProgress ?? (() => {}),
  };
}

/**
 * Starts a cluster of real components on this machine: no Docker, no registry. The first start builds the components (minutes); later
 * ones take seconds. When this process ends without down(), a keeper process takes the cluster down.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<TestCluster> {
  const addresses = addressesOf(options.index ?? indexFromEnvironment(), options.stateDir);
  const parts = partsOf(options);
  refuseWhenInUse(addresses.index, addresses.stateDir);
  await prepare(parts);
  if (leftovers(addresses).length > 0) {
    parts.onProgress(`Removing what an earlier cluster ${addresses.index} left behind`);
    await takeDown(addresses);
  }
  takeOwnership(addresses.stateDir);
  const keeper = startKeeper(addresses);
  const started = performance.now();
  try {
    const cluster = new EmbeddedCluster(addresses, keeper, await startParts(addresses, parts));
    parts.onProgress(`The cluster is up after ${minutesAndSeconds((performance.now() - started) / 1000)}`);
    return cluster;
  } catch (error) {
    await takeDown(addresses);
    keeper.dismiss();
    throw error;
  }
}

/** Puts into the cache and on this machine what isn't there yet. What comes from Debian is fetched while Go compiles. */
async function prepare(parts: Parts): Promise<void> {
  const { realNodes, onProgress } = parts;
  const building = buildTools(neededModules(parts), onProgress);
  // The first failure is the one to tell of: the other's must not end this process as nobody's.
  building.catch(() => undefined);
  if (realNodes > 0) {
    await installDebianPackages(onProgress);
    await debianBase(BASE_PACKAGES, onProgress);
  }
  await building;
}

function neededModules(parts: Parts): readonly ToolModuleName[] {
  const modules: ToolModuleName[] = ['kubernetes'];
  if (parts.fakeNodes) modules.push('fakeNodes');
  if (parts.arrayOptions.snapshots === true && parts.sidecars) modules.push('snapshots');
  if (parts.realNodes > 0) modules.push('containerd');
  return modules;
}

/** What startParts hands to the cluster's methods. */
export interface StartedParts {
  readonly binDir: string;
  readonly client: ApiClient;
  readonly nodes: readonly RealNode[];
  readonly array: ArrayControl | undefined;
}

async function startParts(addresses: Addresses, parts: Parts): Promise<StartedParts> {
  const { stateDir } = addresses;
  const binDir = linkTools(stateDir, neededModules(parts));
  const nodeNames = realNodeNames(addresses, parts.realNodes);
  const nodeIdentities = nodeNames.length === 0 ? [] : ['kube-proxy', ...nodeNames.map((name) => `node-${name}`)];
  const identities = [...LOCAL_IDENTITIES, ...nodeIdentities];
  createCredentials(stateDir, identities);
  parts.onProgress('Starting the control plane');
  const advertiseIp = await advertiseAddress(addresses);
  await startControlPlane(addresses, { binDir, advertiseIp, identities, runsContainers: nodeNames.length > 0 });
  const client = apiClient(kubeconfigPathOf(stateDir, 'admin'));
  if (parts.defaultScheduler) startDefaultScheduler(addresses, binDir);
  if (parts.dns) startCoreDns(addresses, binDir);
  if (parts.fakeNodes) startKwok(addresses, binDir, join(binDir, 'share', 'kwok-stages'));
  const [nodes, array] = await Promise.all([
    parts.realNodes === 0 ? [] : startRealNodes(addresses, { ...parts, count: parts.realNodes, binDir }),
    parts.array ? startArrayOf(addresses, parts, binDir) : undefined,
  ]);
  await Promise.all(nodes.map(({ name }) => waitUntilReady(addresses, client, name)));
  return { binDir, client, nodes, array };
}

/** Loaded only when it is asked for: it brings gRPC with it. */
async function startArrayOf(cluster: Addresses, parts: Parts, binDir: string): Promise<ArrayControl> {
  const { startArray } = await import('./array/start-array.ts');
  parts.onProgress('Starting the array');
  const nodes = Array.from({ length: parts.realNodes }, (_, i) => nodeAddressesOf(cluster, i + 1));
  return startArray({
    ...parts.arrayOptions,
    stateDir: cluster.stateDir,
    nodes: nodes.map((node) => ({ name: node.name, kubeletRoot: kubeletRootOf(node), zone: node.zone })),
    binDir,
    kubeconfigPath: kubeconfigPathOf(cluster.stateDir, 'array'),
    sidecars: parts.sidecars,
    log: parts.onProgress,
  });
}

/** All modules' programs (and in `share` the files they need) in one folder, as if they had been built together. */
function linkTools(stateDir: string, modules: readonly ToolModuleName[]): string {
  const binDir = join(stateDir, 'bin');
  mkdirSync(join(binDir, 'share'), { recursive: true });
  for (const folder of modules.map(toolDir)) {
    linkContent(folder, binDir);
    const share = join(folder, 'share');
    if (existsSync(share)) linkContent(share, join(binDir, 'share'));
  }
  return binDir;
}

/** `share` itself is a folder of each module: its content is linked, not the folder. */
function linkContent(from: string, to: string): void {
  for (const file of readdirSync(from)) if (file !== 'share') symlinkSync(join(from, file), join(to, file));
}
