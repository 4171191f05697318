// Fake nodes with attach limits, storage that is nearly full when all is placed, real sidecars, and Proffer's programs.
import { startCluster } from '../../test/cluster/embedded.ts';
import { startProfferScheduler, type ProfferScheduler } from '../../test/cluster/proffer-scheduler.ts';
import type { TestCluster } from '../../test/cluster/test-cluster.ts';
import { waitUntil } from '../../test/cluster/wait-until.ts';
import { NAMESPACE as RELEASE, installProduct } from '../../test/support/install-product.ts';
import { startProgram, type Program } from '../../test/support/program.ts';
import { connect } from '../../src/kube/client.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { ATTACH_LIMIT, type Layout } from './layout.ts';
import { namespaces, storagePools } from './manifests.ts';

interface Node {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
}

export interface Stage {
  readonly cluster: TestCluster;
  readonly client: KubeClient;
  readonly zoneOf: ReadonlyMap<string, string>;
  /** Starts operator, kube-scheduler and extender. */
  startProffer(): Promise<void>;
  /** The operator has ended: there is nothing to wait for. */
  readonly isOver: boolean;
  /** What they said last, for the message of a failure. */
  said(): string;
  stop(): Promise<void>;
}

export async function startStage(layout: Layout, progress: (line: string) => void): Promise<Stage> {
  const cluster = await startCluster({ array: true, arrayOptions: { pools: layout.pools }, onProgress: progress });
  try {
    const client = connect({
      kubeconfigPath: cluster.kubeconfigPath,
      userAgent: 'proffer-bench',
      requestTimeoutSeconds: 60,
    });
    progress(`Creating ${layout.nodes} fake nodes in ${layout.zones} zones`);
    const { nodes: count, zones } = layout;
    await cluster.addFakeNodes({ count, zones, cpu: '16', memory: '64Gi', attachLimit: ATTACH_LIMIT });
    const { items } = JSON.parse(await cluster.kubectl(['get', 'nodes', '-o', 'json'])) as { items: readonly Node[] };
    const zoneOf = new Map(
      items.map(({ metadata }) => [metadata.name, metadata.labels['topology.kubernetes.io/zone'] ?? '']),
    );
    await installProduct(cluster);
    const list = { apiVersion: 'v1', kind: 'List', items: [...namespaces(), ...storagePools()] };
    await cluster.kubectl(['apply', '--server-side', '-f', '-'], { input: JSON.stringify(list) });
    return new StartedStage(cluster, client, zoneOf);
  } catch (error) {
    await cluster.down();
    throw error;
  }
}

class StartedStage implements Stage {
  readonly cluster: TestCluster;
  readonly client: KubeClient;
  readonly zoneOf: ReadonlyMap<string, string>;
  #operator: Program | undefined;
  #scheduler: ProfferScheduler | undefined;

  constructor(cluster: TestCluster, client: KubeClient, zoneOf: ReadonlyMap<string, string>) {
    this.cluster = cluster;
    this.client = client;
    this.zoneOf = zoneOf;
  }

  async startProffer(): Promise<void> {
    this.#scheduler = await startProfferScheduler(this.cluster);
    const kubeconfig = await this.cluster.serviceAccountKubeconfig(RELEASE, 'proffer-operator');
    const where = ['--kubeconfig', kubeconfig, '--namespace', RELEASE, '--http-port', '0', '--identity', 'bench'];
    // A machine that is busy with all of a cluster must not cost the leader its Lease.
    const lease = ['--lease-seconds', '300', '--renew-seconds', '240'];
    const operator = startProgram(['operator', ...where, ...lease, '--member-priority-class', 'proffer-member']);
    this.#operator = operator;
    await waitUntil('the operator is synced', () => operator.output().includes('caches are synced'), {
      timeoutSeconds: 180,
    });
  }

  get isOver(): boolean {
    return this.#operator?.ended() ?? false;
  }

  said(): string {
    return `${this.#operator?.output().slice(-6000) ?? ''}\n${this.#scheduler?.output().slice(-2000) ?? ''}`;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#operator?.kill('SIGTERM'), this.#scheduler?.stop()]);
    this.client.close();
    await this.cluster.down();
  }
}
