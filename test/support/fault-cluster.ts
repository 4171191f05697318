// A control plane with fake nodes, the array, our scheduler, and the safety monitor; operators reach it through killing proxies of their own.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { connect, type KubeClient } from '../../src/kube/client.ts';
import { DEFAULT_POOLS, type PoolSpec } from '../cluster/array/pools.ts';
import { startCluster } from '../cluster/embedded.ts';
import { startProfferScheduler } from '../cluster/proffer-scheduler.ts';
import type { TestCluster } from '../cluster/test-cluster.ts';
import { NAMESPACE, installProduct } from './install-product.ts';
import { startKillingProxy, type KillingProxy } from './killing-proxy.ts';
import { startSafetyMonitor, type SafetyMonitor } from './safety-monitor.ts';

/** How one operator talks to the API server: with the chart's rights, and through a proxy that sees only its requests. */
export interface OperatorAccess {
  readonly proxy: KillingProxy;
  readonly kubeconfigPath: string;
}

export interface FaultCluster {
  readonly cluster: TestCluster;
  /** With all rights, past all proxies. */
  readonly client: KubeClient;
  readonly monitor: SafetyMonitor;
  operatorAccess(): Promise<OperatorAccess>;
  close(): Promise<void>;
}

/** The array's pool, as the examples have it: volumes are retained. */
const POOL = join(import.meta.dirname, '..', '..', 'examples', 'pools', 'array.yaml');

export interface FaultClusterOptions {
  /** Whether snapshots can be taken. Default false. */
  readonly snapshots?: boolean;
  /** Whether the array and its sidecars run. Default true. */
  readonly volumes?: boolean;
  /** The array's pools; default: its own one. */
  readonly pools?: readonly PoolSpec[];
}

/** Five fake nodes of so many CPUs each. */
export async function startFaultCluster(cpus = 4, options: FaultClusterOptions = {}): Promise<FaultCluster> {
  const { snapshots = false, volumes = true, pools = DEFAULT_POOLS } = options;
  const folder = mkdtempSync(join(tmpdir(), 'proffer-faults-'));
  const cluster = await startCluster({ array: volumes, arrayOptions: { snapshots, pools }, defaultScheduler: false });
  const closers: (() => Promise<void> | void)[] = [
    () => rmSync(folder, { recursive: true, force: true }),
    () => cluster.down(),
  ];
  const close = async (): Promise<void> => {
    for (const closeOne of closers.splice(0).toReversed()) await closeOne();
  };
  try {
    await cluster.addFakeNodes({ count: 5, cpu: String(cpus), memory: `${2 * cpus}Gi` });
    await installProduct(cluster);
    const pool = JSON.stringify(parse(readFileSync(POOL, 'utf8')));
    await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input: pool });
    const account = readKubeconfig(await cluster.serviceAccountKubeconfig(NAMESPACE, 'proffer-operator'));
    const scheduler = await startProfferScheduler(cluster);
    closers.push(() => scheduler.stop());
    const monitor = await startSafetyMonitor(cluster.kubeconfigPath);
    closers.push(() => monitor.stop());
    const client = connect({ kubeconfigPath: cluster.kubeconfigPath, userAgent: 'proffer-fault-bench' });
    closers.push(() => client.close());
    const operatorAccess = async (): Promise<OperatorAccess> => {
      const proxy = await startKillingProxy(account.server, account.ca);
      closers.push(() => proxy.close());
      const kubeconfigPath = join(folder, `operator-${new URL(proxy.url).port}.yaml`);
      writeFileSync(kubeconfigPath, account.viaProxy(proxy.url), { mode: 0o600 });
      return { proxy, kubeconfigPath };
    };
    return { cluster, client, monitor, operatorAccess, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Where a kubeconfig leads, and the same one leading through a proxy. */
export function readKubeconfig(path: string): {
  server: string;
  ca: string | undefined;
  viaProxy: (url: string) => string;
} {
  const config = parse(readFileSync(path, 'utf8')) as {
    clusters: [
      { cluster: { server: string; 'certificate-authority-data'?: string; 'insecure-skip-tls-verify'?: boolean } },
    ];
  };
  const { cluster } = config.clusters[0];
  const ca = cluster['certificate-authority-data'];
  const server = cluster.server;
  return {
    server,
    ca: ca === undefined ? undefined : Buffer.from(ca, 'base64').toString(),
    viaProxy(url) {
      config.clusters[0].cluster = { server: url };
      return stringify(config);
    },
  };
}
