// Talks to PostgreSQL as a person would: psql in the member's own container.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestCluster } from '../../test/cluster/test-cluster.ts';
import { waitUntil } from '../../test/cluster/wait-until.ts';
import { kubectlPath } from '../kubectl-path.ts';

const FLAGS = ['--username=postgres', '--quiet', '--no-align', '--tuples-only', '--no-psqlrc', '--set=ON_ERROR_STOP=1'];

/** One session. What it answers is committed: every statement is a transaction of its own. */
export class Psql {
  readonly #child: ChildProcess;
  readonly #pod: string;
  #output = '';
  #errors = '';
  #asked = 0;
  /** One statement after the other. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(child: ChildProcess, pod: string) {
    this.#child = child;
    this.#pod = pod;
    child.stdout?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
    // What is asked of a session that has ended is refused below, with what it said last.
    child.stdin?.on('error', () => {});
    child.on('error', (error) => (this.#errors += error.message));
  }

  static async open(cluster: TestCluster, namespace: string, pod: string): Promise<Psql> {
    const where = ['--kubeconfig', cluster.kubeconfigPath, '-n', namespace];
    const args = [...where, 'exec', '--stdin', pod, '--', 'psql', ...FLAGS];
    return new Psql(spawn(await kubectlPath(cluster), args, { stdio: 'pipe' }), pod);
  }

  /** The rows that one statement answers, as text. Throws what psql said when it fails, or when it takes too long. */
  ask(statement: string, timeoutSeconds = 120): Promise<string> {
    const answer = this.#last.then(() => this.#ask(statement, timeoutSeconds));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  /** Ends the session: PostgreSQL stops only when there is none. */
  async close(): Promise<void> {
    if (this.#hasEnded()) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin?.end();
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    await ended.finally(() => clearTimeout(late));
  }

  async #ask(statement: string, timeoutSeconds: number): Promise<string> {
    this.#asked += 1;
    const mark = `answered-${this.#asked}\n`;
    this.#output = '';
    this.#child.stdin?.write(`${statement};\n\\echo ${mark}`);
    const look = (): 'answered' | 'ended' | undefined => {
      if (this.#output.endsWith(mark)) return 'answered';
      return this.#hasEnded() ? 'ended' : undefined;
    };
    const state = await waitUntil(`an answer of PostgreSQL in ${this.#pod}`, look, {
      timeoutSeconds,
      everyMilliseconds: 20,
    });
    if (state === 'ended') throw new Error(`psql in ${this.#pod} ended: ${this.#errors.trim()}`);
    return this.#output.slice(0, -mark.length).trimEnd();
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
