// Everything that an app goes through, for tests that only care about apps: a cluster with fake nodes and the array's volumes, the
// operator with the rights that the chart gives it, and members' own kube-scheduler with our extender.
import { startCluster } from '../cluster/embedded.ts';
import type { TestCluster } from '../cluster/test-cluster.ts';
import { waitUntil } from '../cluster/wait-until.ts';
import { NAMESPACE, installProduct } from '../support/install-product.ts';
import { startProgram, type Program } from '../support/program.ts';
import { startProfferScheduler, type ProfferScheduler } from '../cluster/proffer-scheduler.ts';

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** What these tests read of objects. */
export interface Live {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation: number;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly volumeName?: string;
    readonly slots?: readonly { readonly member: string; readonly node: string }[];
    readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly readyReplicas?: number;
    readonly conditions?: readonly Condition[];
  };
}

export interface RunningProduct {
  readonly cluster: TestCluster;
  apply(...objects: readonly object[]): Promise<void>;
  get(namespace: string, kind: string, name: string): Promise<Live>;
  list(namespace: string, kind: string): Promise<readonly Live[]>;
  until(what: string, ask: () => Promise<boolean>, timeoutSeconds?: number): Promise<void>;
  untilReady(namespace: string, name: string, replicas: number): Promise<void>;
  /** Waits until the app's condition of that type has this reason, and a message that matches. */
  untilCondition(namespace: string, name: string, type: string, reason: string, says: RegExp): Promise<Condition>;
  /** Waits until an event of that reason about the object says it. */
  untilEvent(namespace: string, name: string, reason: string, says: RegExp): Promise<void>;
  /** The operator's, with the rights of the chart. */
  readonly operatorKubeconfig: string;
  /** Ends the operator, so that the test may run one of its own. */
  stopOperator(): Promise<void>;
  stop(): Promise<void>;
}

export interface ProductOptions {
  /** Whether there are volumes of the array. Default true. */
  readonly volumes?: boolean;
  /** Whether pods that name no scheduler have one, too. Default true. */
  readonly defaultScheduler?: boolean;
}

export async function startProduct(nodes: number, options: ProductOptions = {}): Promise<RunningProduct> {
  const { volumes = true, defaultScheduler = true } = options;
  const cluster = await startCluster({ array: volumes, defaultScheduler });
  const started: { stop(): Promise<unknown> }[] = [];
  try {
    await Promise.all([cluster.addFakeNodes({ count: nodes, cpu: '4', memory: '8Gi' }), installProduct(cluster)]);
    const kubeconfig = await cluster.serviceAccountKubeconfig(NAMESPACE, 'proffer-operator');
    const scheduler = await startProfferScheduler(cluster);
    started.push(scheduler);
    return new Running({ cluster, scheduler, operator: await startOperator(kubeconfig), kubeconfig });
  } catch (error) {
    // Whatever was left running would keep the test's process alive.
    await Promise.all(started.map((one) => one.stop()));
    await cluster.down();
    throw error;
  }
}

async function startOperator(kubeconfig: string): Promise<Program> {
  const where = ['--kubeconfig', kubeconfig, '--namespace', NAMESPACE, '--http-port', '0', '--identity', 'one'];
  const operator = startProgram(['operator', ...where, '--member-priority-class', 'proffer-member']);
  try {
    await waitUntil('the operator is synced', async () => operator.output().includes('caches are synced'), {
      timeoutSeconds: 90, // it compiles itself, and on a machine that is busy with others it gets little of it
    });
  } catch (error) {
    await operator.kill('SIGKILL');
    throw new Error(`${String(error)}\nIt said last:\n${operator.output().slice(-3000)}`, { cause: error });
  }
  return operator;
}

interface Parts {
  readonly cluster: TestCluster;
  readonly scheduler: ProfferScheduler;
  readonly operator: Program;
  readonly kubeconfig: string;
}

class Running implements RunningProduct {
  readonly cluster: TestCluster;
  readonly operatorKubeconfig: string;
  readonly #scheduler: ProfferScheduler;
  readonly #operator: Program;

  constructor({ cluster, scheduler, operator, kubeconfig }: Parts) {
    this.cluster = cluster;
    this.operatorKubeconfig = kubeconfig;
    this.#scheduler = scheduler;
    this.#operator = operator;
  }

  stopOperator(): Promise<void> {
    return this.#operator.kill('SIGTERM');
  }

  async apply(...objects: readonly object[]): Promise<void> {
    for (const object of objects) {
      const input = JSON.stringify(object);
      await this.cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input });
    }
  }

  async get(namespace: string, kind: string, name: string): Promise<Live> {
    return JSON.parse(await this.cluster.kubectl(['get', kind, name, '-n', namespace, '-o', 'json'])) as Live;
  }

  async list(namespace: string, kind: string): Promise<readonly Live[]> {
    const found = await this.cluster.kubectl(['get', kind, '-n', namespace, '-o', 'json']);
    return (JSON.parse(found) as { items: Live[] }).items;
  }

  async until(what: string, ask: () => Promise<boolean>, timeoutSeconds = 100): Promise<void> {
    await waitUntil(what, ask, { timeoutSeconds, everyMilliseconds: 300 }).catch((error: unknown) => {
      const ended = this.#scheduler
        .ended()
        .map((name) => `\n${name} has ended:\n${this.#scheduler.output().slice(-3000)}`);
      const said = this.#operator.output().slice(-3000);
      throw new Error(`${String(error)}${ended.join('')}\nThe operator said last:\n${said}`, { cause: error });
    });
  }

  async untilReady(namespace: string, name: string, replicas: number): Promise<void> {
    await this.until(`${namespace}/${name} has ${replicas} ready members`, async () => {
      const { metadata, status } = await this.get(namespace, 'papp', name);
      if (status?.observedGeneration !== metadata.generation || status.readyReplicas !== replicas) return false;
      const ready = (await this.list(namespace, 'pods')).filter((pod) => isReadyPodOf(name, pod));
      return ready.length === replicas;
    });
  }

  async untilCondition(
    namespace: string,
    name: string,
    type: string,
    reason: string,
    says: RegExp,
  ): Promise<Condition> {
    let found: Condition | undefined;
    const isSaid = async () => {
      const { metadata, status } = await this.get(namespace, 'papp', name);
      found = status?.conditions?.find((condition) => condition.type === type);
      const isNew = status?.observedGeneration === metadata.generation;
      return isNew && found?.reason === reason && says.test(found.message);
    };
    const what = `${type} of ${namespace}/${name} says ${reason} with ${String(says)}`;
    await this.until(what, isSaid).catch((error: unknown) => {
      throw new Error(`${String(error)}\nIt said: ${JSON.stringify(found)}`, { cause: error });
    });
    if (found === undefined) throw new Error(`no condition ${type}`);
    return found;
  }

  async untilEvent(namespace: string, name: string, reason: string, says: RegExp): Promise<void> {
    await this.until(`an event ${reason} about ${namespace}/${name} says ${String(says)}`, async () => {
      const found = await this.cluster.kubectl(['get', 'events.events.k8s.io', '-n', namespace, '-o', 'json']);
      const { items } = JSON.parse(found) as { items: { reason: string; note: string; regarding: { name: string } }[] };
      return items.some((item) => item.regarding.name === name && item.reason === reason && says.test(item.note));
    });
  }

  async stop(): Promise<void> {
    await Promise.all([this.#operator.kill('SIGTERM'), this.#scheduler.stop()]);
    await this.cluster.down();
  }
}

/** Looked at beside the status, which may still tell of the pods before. */
function isReadyPodOf(name: string, { metadata, status }: Live): boolean {
  const isOwned =
    metadata.ownerReferences?.some((owner) => owner.kind === 'StatefulSet' && owner.name === name) ?? false;
  const isReady = status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
  return isOwned && metadata.deletionTimestamp === undefined && isReady === true;
}
