// What the stories about decisions of several writes have in common: a control plane with five nodes of 4 CPU, and one operator, which is
// killed at a write and started again as a Deployment would.
import { waitUntil } from '../cluster/wait-until.ts';
import { startFaultCluster, type FaultCluster, type OperatorAccess } from '../support/fault-cluster.ts';
import { NAMESPACE } from '../support/install-product.ts';
import type { Fault, StoppedWrite } from '../support/killing-proxy.ts';
import { startProgram, type Program } from '../support/program.ts';

/** What the stories read of objects. */
export interface Live {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: {
    readonly nodeName?: string;
    readonly slots?: readonly { readonly member: string; readonly node: string; readonly state: string }[];
    readonly committedDecisions?: readonly string[];
  };
  readonly status?: {
    readonly readyReplicas?: number;
    readonly conditions?: readonly { readonly type: string; readonly reason: string; readonly message: string }[];
  };
}

/** Its own Lease the operator takes back at once, so that a long one costs nothing. */
const LEASE = ['--lease-seconds=15', '--renew-seconds=10', '--retry-seconds=0.5'];
const PATHS = {
  papp: ['/apis/proffer.dev/v1alpha1', 'persistentapps'],
  rsv: ['/apis/proffer.dev/v1alpha1', 'reservations'],
  pods: ['/api/v1', 'pods'],
} as const;

/**
 * A fake node removes a pod at once. Where the disruption controller misses that it was away before the next of its name is there, it counts
 * it as gone for two minutes (`disruptedPods`, DeletionTimeout), and lets no other go.
 */
const PATIENCE_SECONDS = 150;

export class DecisionBench {
  readonly world: FaultCluster;
  readonly #access: OperatorAccess;
  #operator: Program | undefined;

  static async start(): Promise<DecisionBench> {
    const world = await startFaultCluster(4, { volumes: false });
    try {
      return new DecisionBench(world, await world.operatorAccess());
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  private constructor(world: FaultCluster, access: OperatorAccess) {
    this.world = world;
    this.#access = access;
  }

  /** Unless it runs. */
  startOperator(): void {
    if (this.#operator?.ended() === false) return;
    const where = [`--kubeconfig=${this.#access.kubeconfigPath}`, `--namespace=${NAMESPACE}`, '--http-port=off'];
    this.#operator = startProgram(['operator', ...where, '--identity=decisions', ...LEASE]);
  }

  /** From now on: the operator dies at its write number `at` whose path contains this. */
  killAt(path: string, at: number, fault: Fault): void {
    this.#access.proxy.countOnly(path);
    this.#access.proxy.arm(at, fault, () => void this.#operator?.kill('SIGKILL'));
  }

  /** From now on writes whose path is like this are neither passed on nor answered. */
  hangAt(path: RegExp): StoppedWrite {
    this.#access.proxy.countOnly('');
    return this.#access.proxy.stopAt(path, 1, 'killBefore');
  }

  /** What hangs is broken off, and nothing hangs any more. */
  letGo(): void {
    this.#access.proxy.letGo();
  }

  /** How often the operator that runs now has said so. */
  timesSaid(words: string): number {
    return (this.#operator?.output() ?? '').split(words).length - 1;
  }

  async untilDead(): Promise<void> {
    await this.until('the operator is dead', async () => this.#operator?.ended() === true);
    this.spare();
  }

  /** It is killed at no write. */
  spare(): void {
    this.#access.proxy.disarm();
  }

  async apply(...objects: readonly object[]): Promise<void> {
    for (const object of objects) {
      const input = JSON.stringify(object);
      await this.world.cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input });
    }
  }

  async list(namespace: string, kind: keyof typeof PATHS): Promise<readonly Live[]> {
    const [group, plural] = PATHS[kind];
    const path = `${group}/namespaces/${namespace}/${plural}`;
    return (await this.world.client.request<{ items: readonly Live[] }>({ method: 'GET', path })).items;
  }

  /** The app's condition about its slots, as "reason: message". */
  async says(namespace: string, name: string, type = 'Reserved'): Promise<string> {
    const found = (await this.list(namespace, 'papp')).find(({ metadata }) => metadata.name === name);
    const condition = found?.status?.conditions?.find((one) => one.type === type);
    return `${condition?.reason}: ${condition?.message}`;
  }

  /** All slots of the namespace, each as "member state". */
  async slots(namespace: string): Promise<readonly string[]> {
    return (await this.list(namespace, 'rsv')).flatMap(({ spec }) =>
      (spec.slots ?? []).map(({ member, state }) => `${member} ${state}`),
    );
  }

  /** UIDs of pods that have a node. */
  async bound(namespace: string): Promise<readonly string[]> {
    const pods = await this.list(namespace, 'pods');
    return pods.filter(({ spec }) => (spec.nodeName ?? '') !== '').map(({ metadata }) => metadata.uid);
  }

  async until(what: string, ask: () => Promise<boolean>): Promise<void> {
    await waitUntil(what, ask, { timeoutSeconds: PATIENCE_SECONDS, everyMilliseconds: 300 }).catch(
      async (error: unknown) => {
        const apps = await this.world.cluster.kubectl(['get', 'papp,rsv', '-A', '-o', 'yaml']).catch(String);
        const said = this.#operator?.output().slice(-3000);
        throw new Error(`${String(error)}\n${apps.slice(-6000)}\nThe operator said last:\n${said}`, { cause: error });
      },
    );
  }

  /** Waits until each of these apps has so many ready members; an operator that has died is started again. */
  async untilReady(namespace: string, counts: Readonly<Record<string, number>>): Promise<void> {
    await this.until(`${JSON.stringify(counts)} are ready`, async () => {
      this.startOperator();
      const apps = await this.list(namespace, 'papp');
      const ready = new Map(apps.map(({ metadata, status }) => [metadata.name, status?.readyReplicas ?? 0]));
      return Object.entries(counts).every(([name, count]) => ready.get(name) === count);
    });
  }

  async close(): Promise<void> {
    await this.#operator?.kill('SIGKILL');
    await this.world.close();
  }
}

/** An app whose members are of 3 CPU, of which a node of 4 holds one. */
export function largeApp(namespace: string, name: string, spec: object): object {
  const resources = { requests: { cpu: '3', memory: '64Mi' } };
  const containers = [{ name: 'main', image: 'localhost/busybox:1', resources }];
  const template = { spec: { terminationGracePeriodSeconds: 1, containers } };
  return {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'PersistentApp',
    metadata: { name, namespace },
    spec: { template, ...spec },
  };
}
