import { posix } from 'node:path';
import { cacheDir } from './cache-dir.ts';

/** Everything of a cluster that must differ from its neighbours on the same machine, derived from its index. */
export interface Addresses {
  readonly index: number;
  readonly stateDir: string;
  readonly bridge: string;
  /** Address of the machine on the bridge: API server and DNS answer here. */
  readonly bridgeIp: string;
  readonly bridgeCidr: string;
  readonly podCidr: string;
  /** Same for all clusters: it exists only inside the nodes' network namespaces. */
  readonly serviceCidr: string;
  readonly apiServiceIp: string;
  readonly ports: {
    readonly etcd: number;
    readonly etcdPeer: number;
    readonly api: number;
    readonly controllerManager: number;
    readonly scheduler: number;
  };
}

/** One real node's share of the addresses. */
export interface NodeAddresses {
  readonly name: string;
  readonly zone: string;
  readonly netns: string;
  readonly link: string;
  readonly cgroup: string;
  readonly ip: string;
  readonly podCidr: string;
  readonly stateDir: string;
}

export const MAX_REAL_NODES = 9;
/** As many clusters as there may be tests side by side, by several people. */
const MAX_INDEX = 29;

/** Sockets have paths of at most 107 bytes, so the folder of a cluster with real nodes is a short one that root may write. */
function defaultStateDir(index: number): string {
  const root = process.getuid?.() === 0 ? '/var/lib/proffer-clusters' : posix.join(cacheDir(), 'clusters');
  return posix.join(root, String(index));
}

/** Throws on an index outside 0..29. Ports are 21000 + 100 × index and up, below the range of outgoing connections. */
export function addressesOf(index: number, stateDir = defaultStateDir(index)): Addresses {
  if (!Number.isInteger(index) || index < 0 || index > MAX_INDEX) {
    throw new Error(
      `The cluster index is ${index}; it must be a whole number from 0 to ${MAX_INDEX} (PROFFER_CLUSTER_INDEX or --index).`,
    );
  }
  const port = 21_000 + 100 * index;
  return {
    index,
    stateDir,
    bridge: `pf${index}`,
    bridgeIp: `10.${77 + index}.0.1`,
    bridgeCidr: `10.${77 + index}.0.1/24`,
    podCidr: `10.${150 + index}.0.0/16`,
    serviceCidr: '10.0.0.0/24',
    apiServiceIp: '10.0.0.1',
    ports: { etcd: port, etcdPeer: port + 1, api: port + 2, controllerManager: port + 3, scheduler: port + 4 },
  };
}

/** Addresses of real node `number` (1..9). */
export function nodeAddressesOf(cluster: Addresses, number: number): NodeAddresses {
  if (!Number.isInteger(number) || number < 1 || number > MAX_REAL_NODES) {
    throw new Error(`Real node ${number} was asked for; an embedded cluster has at most ${MAX_REAL_NODES} real nodes.`);
  }
  const name = `pf${cluster.index}-n${number}`;
  return {
    name: `real-${number}`,
    zone: `z${((number - 1) % 3) + 1}`,
    netns: name,
    link: `pf${cluster.index}v${number}`,
    cgroup: name,
    ip: `10.${77 + cluster.index}.0.${10 + number}`,
    podCidr: `10.${150 + cluster.index}.${number}.0/24`,
    stateDir: posix.join(cluster.stateDir, `n${number}`),
  };
}

/** The index of PROFFER_CLUSTER_INDEX, or the fallback. */
export function indexFromEnvironment(fallback = 0): number {
  const text = process.env['PROFFER_CLUSTER_INDEX'];
  // Jest counts its workers from 1; in one process it says 1, too.
  const worker = Number(process.env['JEST_WORKER_ID'] ?? 1) - 1;
  return (text === undefined || text === '' ? fallback : Number(text)) + worker;
}
