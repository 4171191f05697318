// Plays one story of an app at a time, each in a namespace of its own, with at most one fault.
import type { KubeClient } from '../../src/kube/client.ts';
import { POD, pathOf, type ResourceType } from '../../src/kube/resource-type.ts';
import type { TestCluster } from '../cluster/test-cluster.ts';
import { waitUntil } from '../cluster/wait-until.ts';
import { snapshotApp, type AppSnapshot } from './app-snapshot.ts';
import { APP, APPS, faultApp, hasReadyMembers } from './fault-app.ts';
import { startFaultCluster, type FaultCluster, type OperatorAccess } from './fault-cluster.ts';
import { NAMESPACE as OPERATOR_NAMESPACE } from './install-product.ts';
import type { Fault, KillingProxy } from './killing-proxy.ts';
import { startProgram, type Program } from './program.ts';
import type { SafetyMonitor } from './safety-monitor.ts';
import type { Violation } from './safety-rules.ts';

/** What happens to the app while the fault is armed. Each starts from an app that has come to rest, but `create`. */
export type Story = 'create' | 'scaleOut' | 'scaleIn' | 'delete';

export interface Played {
  readonly shape: unknown;
  /** Every claim that existed before the story still exists, the same claim with the same volume. */
  readonly volumesKept: boolean;
  /** Counted writes of the operator during the story. */
  readonly writes: number;
  /** Which write met the fault; undefined when the story ended before it. */
  readonly hit: string | undefined;
}

export interface FaultBench {
  play(story: Story, fault: { readonly at: number; readonly fault: Fault } | undefined): Promise<Played>;
  violations(): readonly Violation[];
  close(): Promise<void>;
}

const MOST_STARTS = 5;
const BATCH = 6;
const NOTHING: AppSnapshot = { shape: undefined, volumes: {} };

export async function startFaultBench(): Promise<FaultBench> {
  const world = await startFaultCluster();
  try {
    const player = new Player(world, await world.operatorAccess());
    return {
      play: (story, fault) => player.play(story, fault),
      violations: () => world.monitor.violations,
      async close() {
        await player.stop();
        await world.close();
      },
    };
  } catch (error) {
    await world.close();
    throw error;
  }
}

class Player {
  readonly #cluster: TestCluster;
  readonly #client: KubeClient;
  readonly #proxy: KillingProxy;
  readonly #kubeconfigPath: string;
  readonly #monitor: SafetyMonitor;
  #operator: Program | undefined;
  /** Of the operator before this one. */
  #lastWords = '';
  #namespaces = 0;
  /** Namespaces whose app is ready to be played with. */
  readonly #ready: string[] = [];
  #starts = 0;

  constructor(world: FaultCluster, { proxy, kubeconfigPath }: OperatorAccess) {
    this.#cluster = world.cluster;
    this.#client = world.client;
    this.#monitor = world.monitor;
    this.#proxy = proxy;
    this.#kubeconfigPath = kubeconfigPath;
  }

  async play(story: Story, fault: { readonly at: number; readonly fault: Fault } | undefined): Promise<Played> {
    this.#starts = 0;
    this.#ensureOperator();
    const namespace = story === 'create' ? await this.#newNamespace() : await this.#takeReady();
    const before = story === 'create' ? NOTHING : await this.#untilQuiet(namespace);
    let hit: string | undefined;
    this.#proxy.countOnly(`/namespaces/${namespace}/`);
    if (fault === undefined) this.#proxy.disarm();
    else {
      this.#proxy.arm(fault.at, fault.fault, () => {
        const write = this.#proxy.writes.at(-1);
        hit = `${write?.method} ${write?.path.split('?')[0]?.replace(namespace, 'NS')}`;
        void this.#operator?.kill('SIGKILL');
      });
    }
    await this.#tell(story, namespace);
    await this.#untilToldAndQuiet(story, namespace);
    const writes = this.#proxy.writes.length;
    const after = await this.#untilQuiet(namespace);
    this.#proxy.disarm();
    await this.#cleanUp(namespace);
    return {
      shape: after.shape,
      volumesKept: Object.entries(before.volumes).every(([claim, identity]) => after.volumes[claim] === identity),
      writes,
      hit,
    };
  }

  async stop(): Promise<void> {
    await this.#operator?.kill('SIGKILL');
  }

  async #newNamespace(): Promise<string> {
    this.#namespaces += 1;
    const namespace = `crash-${this.#namespaces}`;
    await this.#cluster.kubectl(['create', 'namespace', namespace]);
    return namespace;
  }

  /** A namespace with a three-member app that runs. They are made several at a time, since that takes hardly longer than one. */
  async #takeReady(): Promise<string> {
    if (this.#ready.length === 0) {
      this.#ready.push(...(await Promise.all(Array.from({ length: BATCH }, () => this.#newNamespace()))));
      await Promise.all(this.#ready.map((namespace) => this.#apply(namespace, 3)));
      for (const namespace of this.#ready) await this.#untilReady(namespace, 3);
    }
    const namespace = this.#ready.shift();
    if (namespace === undefined) throw new Error('no app was made ready');
    return namespace;
  }

  /** Starts the operator again when it has ended, as a Deployment would; one that ends at each start is an error. */
  #ensureOperator(): void {
    if (this.#operator !== undefined && !this.#operator.ended()) return;
    this.#starts += 1;
    if (this.#starts > MOST_STARTS) throw new Error(`the operator ended ${MOST_STARTS} times in one story`);
    this.#lastWords = this.#operator?.output() ?? '';
    this.#operator = startProgram([
      'operator',
      `--kubeconfig=${this.#kubeconfigPath}`,
      `--namespace=${OPERATOR_NAMESPACE}`,
      '--identity=fault-bench', // the same name each time: a restarted container takes its own Lease back at once
      '--http-port=off',
      '--lease-seconds=3',
      '--renew-seconds=2',
      '--retry-seconds=0.3',
    ]);
  }

  async #apply(namespace: string, replicas: number): Promise<void> {
    await this.#cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(faultApp(namespace, replicas)) });
  }

  async #tell(story: Story, namespace: string): Promise<void> {
    switch (story) {
      case 'create':
        return this.#apply(namespace, 3);
      case 'scaleOut':
        await this.#cluster.kubectl(['scale', '-n', namespace, 'papp', APP, '--replicas=4']);
        return;
      case 'scaleIn':
        await this.#cluster.kubectl(['scale', '-n', namespace, 'papp', APP, '--replicas=2']);
        return;
      case 'delete':
        // In the foreground: the app is there until what it owns is gone, and the operator sees it go.
        await this.#cluster.kubectl(['delete', '-n', namespace, 'papp', APP, '--wait=false', '--cascade=foreground']);
        return;
    }
  }

  /** Keeps the operator alive (a Deployment would) until the story's end is reached. */
  async #untilToldAndQuiet(story: Story, namespace: string): Promise<void> {
    if (story === 'delete') {
      await this.#until(`${namespace}: the app and its pods are gone`, async () => {
        const left = [await this.#count(namespace, POD), await this.#count(namespace, APPS)];
        return left.every((count) => count === 0);
      });
      return;
    }
    const replicas = { create: 3, scaleOut: 4, scaleIn: 2 }[story];
    await this.#untilReady(namespace, replicas);
    await this.#until(`${namespace}: ${replicas} pods`, async () => (await this.#count(namespace, POD)) === replicas);
  }

  async #untilReady(namespace: string, replicas: number): Promise<void> {
    await this.#until(`${namespace}: ${replicas} members ready`, () =>
      hasReadyMembers(this.#client, namespace, replicas),
    );
  }

  async #until(what: string, probe: () => Promise<boolean>): Promise<void> {
    try {
      const ask = (): Promise<boolean> => {
        this.#ensureOperator();
        return probe();
      };
      await waitUntil(what, ask, { timeoutSeconds: 60 });
    } catch (error) {
      const apps = await this.#cluster.kubectl(['get', 'papp', '-A', '-o', 'yaml']).catch(String);
      throw new Error(
        `${String(error)}\n${apps.slice(-6000)}\nThe operator said last:\n${(this.#lastWords + (this.#operator?.output() ?? '')).slice(-4000)}`,
        {
          cause: error,
        },
      );
    }
  }

  /** Two equal snapshots a second apart, with an operator that leads all the while and writes nothing. */
  async #untilQuiet(namespace: string): Promise<AppSnapshot> {
    let last = NOTHING;
    await this.#until(`${namespace}: quiet`, async () => {
      const { length } = this.#proxy.writes;
      const leading = this.#isLeading();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const next = await snapshotApp(this.#client, namespace);
      const same = JSON.stringify(next) === JSON.stringify(last);
      last = next;
      return same && leading && this.#isLeading() && length === this.#proxy.writes.length;
    });
    return last;
  }

  #isLeading(): boolean {
    return this.#operator?.ended() === false && this.#operator.output().includes('"msg":"leading"');
  }

  async #count(namespace: string, type: ResourceType): Promise<number> {
    const list = await this.#client.request<{ items: unknown[] }>({ method: 'GET', path: pathOf(type, namespace) });
    return list.items.length;
  }

  /** The test's own hand: it may delete the claims that the product must keep. */
  async #cleanUp(namespace: string): Promise<void> {
    const claims = await this.#client.request<{
      items: { metadata: { uid: string }; spec: { volumeName?: string } }[];
    }>({
      method: 'GET',
      path: `/api/v1/namespaces/${namespace}/persistentvolumeclaims`,
    });
    for (const claim of claims.items) this.#monitor.allowDelete(claim.metadata.uid);
    await this.#cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  }
}
