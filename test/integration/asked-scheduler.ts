// A real kube-scheduler that is asked which nodes would do and binds nothing: its extender writes down the nodes that every filter of
// kube-scheduler itself left, and refuses them all.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schedulerConfig } from '../../src/extender/scheduler-config.ts';
import type { TestCluster } from '../cluster/test-cluster.ts';

/** What pods that ask write as `spec.schedulerName`. */
export const ASKED_SCHEDULER = 'asked-scheduler';

interface FilterQuestion {
  readonly Pod: { readonly metadata: { readonly uid: string } };
  readonly NodeNames: readonly string[];
}

export class AskedScheduler {
  /** By pod UID: the nodes that passed when it was first tried. A pod that no node would do for does not come up. */
  readonly passed = new Map<string, readonly string[]>();
  readonly #server: Server;
  readonly #folder = mkdtempSync(join(tmpdir(), 'asked-scheduler-'));
  #scheduler: ChildProcess | undefined;
  #said = '';

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request).then((body) => response.setHeader('content-type', 'application/json').end(body));
    });
  }

  /** Needs a cluster that brings its kube-scheduler. */
  async start({ binDir = '', kubeconfigPath }: TestCluster): Promise<void> {
    const extenderPort = await listen(this.#server);
    const probe = createServer();
    const securePort = await listen(probe);
    await new Promise((resolve) => probe.close(resolve));
    const config = schedulerConfig({
      schedulerName: ASKED_SCHEDULER,
      extenderPort,
      leaseNamespace: 'default',
      kubeconfigPath,
      leaderElect: false,
    });
    const extender = { urlPrefix: `http://127.0.0.1:${extenderPort}/`, filterVerb: 'filter', nodeCacheCapable: true };
    const path = join(this.#folder, 'config.json');
    writeFileSync(path, JSON.stringify({ ...config, extenders: [{ ...extender, weight: 1, httpTimeout: '5s' }] }));
    const args = [`--config=${path}`, '--bind-address=127.0.0.1', `--secure-port=${securePort}`];
    this.#scheduler = spawn(join(binDir, 'kube-scheduler'), [...args, `--cert-dir=${this.#folder}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#scheduler.stderr?.on('data', (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString()).slice(-4000);
    });
    process.once('exit', this.#kill);
  }

  /** The end of what kube-scheduler said, for the message of a failing test. */
  output(): string {
    return this.#said;
  }

  async stop(): Promise<void> {
    const scheduler = this.#scheduler;
    process.off('exit', this.#kill);
    if (scheduler !== undefined && scheduler.exitCode === null && scheduler.signalCode === null) {
      scheduler.kill('SIGKILL');
      await once(scheduler, 'exit');
    }
    this.#server.closeAllConnections();
    this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  readonly #kill = (): void => void this.#scheduler?.kill('SIGKILL');

  async #answer(request: IncomingMessage): Promise<string> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const { Pod, NodeNames } = JSON.parse(text) as FilterQuestion;
    if (!this.passed.has(Pod.metadata.uid)) this.passed.set(Pod.metadata.uid, NodeNames);
    return JSON.stringify({ NodeNames: [], FailedNodes: Object.fromEntries(NodeNames.map((name) => [name, 'asked'])) });
  }
}

async function listen(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}
