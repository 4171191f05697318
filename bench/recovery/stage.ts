// Three real nodes, Proffer's programs beside them, and one member that writes records: what all runs share.
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { addressesOf, indexFromEnvironment } from '../../test/cluster/addresses.ts';
import { startCluster } from '../../test/cluster/embedded.ts';
import { startProfferScheduler, type ProfferScheduler } from '../../test/cluster/proffer-scheduler.ts';
import type { TestCluster } from '../../test/cluster/test-cluster.ts';
import { waitUntil } from '../../test/cluster/wait-until.ts';
import { startRecorder, type Recorder } from '../../test/e2e/recorder.ts';
import { NAMESPACE as RELEASE, installProduct } from '../../test/support/install-product.ts';
import { startProgram, type Program } from '../../test/support/program.ts';
import { connect, type KubeClient } from '../../src/kube/client.ts';
import { bystanders, plainApp, recorderApp } from './manifests.ts';

export const NAMESPACE = 'default';
const POOL = join(import.meta.dirname, '..', '..', 'examples', 'pools', 'array.yaml');

export class Stage {
  readonly cluster: TestCluster;
  readonly client: KubeClient;
  readonly recorder: Recorder;
  readonly #scheduler: ProfferScheduler;
  readonly #kubeconfig: string;
  #operator: Program;

  private constructor(parts: {
    readonly cluster: TestCluster;
    readonly client: KubeClient;
    readonly recorder: Recorder;
    readonly scheduler: ProfferScheduler;
    readonly kubeconfig: string;
  }) {
    this.cluster = parts.cluster;
    this.client = parts.client;
    this.recorder = parts.recorder;
    this.#scheduler = parts.scheduler;
    this.#kubeconfig = parts.kubeconfig;
    this.#operator = this.#startOperator();
  }

  static async start(progress: (line: string) => void): Promise<Stage> {
    const cluster = await startCluster({
      realNodes: 3,
      fakeNodes: false,
      array: true,
      dns: false,
      onProgress: progress,
    });
    try {
      await installProduct(cluster);
      const client = connect({ kubeconfigPath: cluster.kubeconfigPath, userAgent: 'proffer-bench' });
      const recorder = await startRecorder(addressesOf(indexFromEnvironment()).bridgeIp);
      const kubeconfig = await cluster.serviceAccountKubeconfig(RELEASE, 'proffer-operator');
      const scheduler = await startProfferScheduler(cluster);
      await cluster.kubectl(['apply', '-f', POOL]);
      const stage = new Stage({ cluster, client, recorder, scheduler, kubeconfig });
      await stage.apply([recorderApp(recorder.script)]);
      await stage.untilTold('recorder-0', 10);
      return stage;
    } catch (error) {
      await cluster.down();
      throw error;
    }
  }

  /** A pod of a plain StatefulSet on the member's node. */
  async addPlain(): Promise<void> {
    await this.apply(plainApp(this.recorder.script));
    await this.untilTold('plain-0', 5);
  }

  /** On each node a pod with a volume of which no pool says that its attachment is exclusive. */
  async addBystanders(): Promise<void> {
    await this.apply(bystanders());
    const args = ['wait', 'pod', '-n', NAMESPACE, '-l', 'app=bystander', '--for=condition=Ready', '--timeout=5s'];
    const all = async (): Promise<boolean> => (await this.cluster.kubectl(args)).trim().split('\n').length === 3;
    await waitUntil('a bystander on each node', all, { timeoutSeconds: 90, everyMilliseconds: 1000 });
  }

  async removeBystanders(): Promise<void> {
    await this.cluster.kubectl(['delete', 'statefulset', 'bystander', '-n', NAMESPACE, '--ignore-not-found']);
    const gone = async (): Promise<boolean> =>
      (await this.cluster.kubectl(['get', 'pods', '-n', NAMESPACE, '-l', 'app=bystander', '-o', 'name'])) === '';
    await waitUntil('no bystander left', gone, { timeoutSeconds: 90, everyMilliseconds: 500 });
  }

  /** Whether the member writes, or does so within two minutes: what a next run needs. */
  async isWell(): Promise<boolean> {
    const { length } = this.recorder.acknowledged.filter(({ member }) => member === 'recorder-0');
    return this.untilTold('recorder-0', length + 5).then(
      () => true,
      () => false,
    );
  }

  /** Also the programs that ended: one that lost its Lease on a busy machine is started again, as a kubelet would. */
  async apply(manifests: readonly object[]): Promise<void> {
    const input = manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n');
    await this.cluster.kubectl(['apply', '-n', NAMESPACE, '-f', '-'], { input });
  }

  keepOperator(): void {
    if (this.#operator.ended()) this.#operator = this.#startOperator();
  }

  async untilTold(member: string, count: number): Promise<void> {
    const told = (): boolean => {
      this.keepOperator();
      return this.recorder.acknowledged.filter((record) => record.member === member).length >= count;
    };
    await waitUntil(`${count} records of ${member}`, told, { timeoutSeconds: 120, everyMilliseconds: 250 }).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}\nThe operator said last:\n${this.#operator.output().slice(-3000)}`, {
          cause: error,
        });
      },
    );
  }

  /** Waits until the kubelet there has renewed its Lease after that moment (milliseconds since the epoch): nobody suspects it any more. */
  async untilHeard(node: string, since: number): Promise<void> {
    const renewed = async (): Promise<boolean> => {
      const path = 'jsonpath={.spec.renewTime}';
      return (
        Date.parse(await this.cluster.kubectl(['get', 'lease', node, '-n', 'kube-node-lease', '-o', path])) > since
      );
    };
    await waitUntil(`${node} is heard again`, renewed, { timeoutSeconds: 90, everyMilliseconds: 500 });
    const ready = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
    const isReady = async (): Promise<boolean> =>
      (await this.cluster.kubectl(['get', 'node', node, '-o', ready])) === 'True';
    await waitUntil(`${node} is Ready again`, isReady, { timeoutSeconds: 60, everyMilliseconds: 500 });
    await sleep(2000);
  }

  async stop(): Promise<void> {
    await Promise.allSettled([this.#scheduler.stop(), this.#operator.kill('SIGTERM'), this.recorder.stop()]);
    this.client.close();
    await this.cluster.down();
  }

  #startOperator(): Program {
    const where = ['--kubeconfig', this.#kubeconfig, '--namespace', RELEASE, '--http-port', '0', '--identity', 'bench'];
    return startProgram(['operator', ...where]);
  }
}
