import type { TestCluster } from '../cluster/test-cluster.ts';
import { waitUntil } from '../cluster/wait-until.ts';
import { NAMESPACE } from './install-product.ts';
import { startProgram, type Program } from './program.ts';

/** More is no crash that a test made, but an operator that cannot live. */
const MOST_STARTS_AT_A_TIME = 5;

/** The operator of a bench of faults: killed on purpose, and started again whenever it has ended, as a Deployment would. */
export class FaultOperator {
  readonly #cluster: TestCluster;
  readonly #kubeconfigPath: string;
  readonly #flags: readonly string[];
  #program: Program | undefined;
  /** Of the one before this one. */
  #lastWords = '';
  #starts = 0;

  /** `flags`: beside those that every one has. */
  constructor(cluster: TestCluster, kubeconfigPath: string, flags: readonly string[] = []) {
    this.#flags = flags;
    this.#cluster = cluster;
    this.#kubeconfigPath = kubeconfigPath;
  }

  /** Starts it if need be, and waits until it leads. */
  async ensure(): Promise<void> {
    await this.until('an operator that leads', async () => this.isLeading());
  }

  isLeading(): boolean {
    return this.#program?.ended() === false && this.#program.output().includes('"msg":"leading"');
  }

  async kill(): Promise<void> {
    await this.#program?.kill('SIGKILL');
  }

  /** Waits for what shall come, with an operator that is started again whenever it has ended. */
  async until(what: string, probe: () => Promise<boolean>): Promise<void> {
    this.#starts = 0;
    const ask = (): Promise<boolean> => {
      this.#startWhenEnded();
      return probe();
    };
    try {
      await waitUntil(what, ask, { timeoutSeconds: 120 });
    } catch (error) {
      const apps = await this.#cluster.kubectl(['get', 'papp', '-A', '-o', 'yaml']).catch(String);
      const said = (this.#lastWords + (this.#program?.output() ?? '')).slice(-4000);
      throw new Error(`${String(error)}\n${apps.slice(-6000)}\nThe operator said last:\n${said}`, { cause: error });
    }
  }

  #startWhenEnded(): void {
    if (this.#program?.ended() === false) return;
    this.#starts += 1;
    if (this.#starts > MOST_STARTS_AT_A_TIME) throw new Error(`the operator ended ${MOST_STARTS_AT_A_TIME} times`);
    this.#lastWords = this.#program?.output() ?? '';
    this.#program = startProgram([
      'operator',
      `--kubeconfig=${this.#kubeconfigPath}`,
      `--namespace=${NAMESPACE}`,
      '--identity=fault-bench', // the same name each time: a restarted container takes its own Lease back at once
      '--http-port=off',
      '--lease-seconds=15',
      '--renew-seconds=10',
      '--retry-seconds=2', // how often it renews, too
      ...this.#flags,
    ]);
  }
}
