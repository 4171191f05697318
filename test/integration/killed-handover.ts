// Handing StatefulSets over to the operator and back, with a death at each write of whoever does it. One death serves many: each app has a
// namespace of its own and is stopped at another write, and when all stand still the program dies.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '../cluster/wait-until.ts';
import { pointsOf } from '../support/crash-points.ts';
import { readKubeconfig } from '../support/fault-cluster.ts';
import { FaultOperator } from '../support/fault-operator.ts';
import { startKillingProxy, type KillingProxy } from '../support/killing-proxy.ts';
import { startCommand, type Program } from '../support/program.ts';
import type { StoppedWrite } from '../support/stopped-writes.ts';
import type { RunningProduct } from './running-product.ts';

/** When no write comes for so long, all that is done without disturbance has been done. */
const NO_WRITE_MILLIS = 1500;

/** When none comes for so long, what has not been stopped by then makes fewer writes: a busy machine takes its time. */
const NO_STOP_MILLIS = 8000;
const PLUGIN = join(import.meta.dirname, '..', '..', 'bin', 'kubectl-proffer');

/** What is begun in a namespace, and when it has come to its end there. */
export interface Handover {
  readonly name: string;
  readonly begin: (namespace: string) => Promise<void>;
  readonly isDone: (namespace: string) => Promise<boolean>;
}

export class KilledHandover {
  readonly operator: FaultOperator;
  readonly #proxy: KillingProxy;
  readonly #folder: string;
  readonly #product: RunningProduct;

  private constructor(product: RunningProduct, operator: FaultOperator, proxy: KillingProxy, folder: string) {
    this.#product = product;
    this.operator = operator;
    this.#proxy = proxy;
    this.#folder = folder;
  }

  /** From now on the product's operator is one that can be killed. */
  static async instead(product: RunningProduct): Promise<KilledHandover> {
    await product.stopOperator();
    const folder = mkdtempSync(join(tmpdir(), 'proffer-handover-'));
    const { proxy, path } = await throughProxy(product.operatorKubeconfig, folder);
    const flags = ['--concurrency=64', '--member-priority-class=proffer-member'];
    return new KilledHandover(product, new FaultOperator(product.cluster, path, flags), proxy, folder);
  }

  async close(): Promise<void> {
    await this.operator.kill();
    await this.#proxy.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Kills the operator at each of its writes (crash-points.ts); answers these. `namespaces`: as many as there are writes, and some more. */
  async operatorDies({ name, begin, isDone }: Handover, namespaces: readonly string[]): Promise<readonly string[]> {
    const proxy = this.#proxy;
    const [first = '', ...spare] = namespaces;
    await this.operator.ensure();
    proxy.disarm();
    await begin(first);
    await this.operator.until(`${name}, undisturbed`, () => isDone(first));
    await quiet(proxy);
    const writes = proxy.writes.filter(({ path }) => within(first).test(path));
    const said = writes.map(({ method, path }) => `${method} ${path.split('?')[0]?.replace(first, 'NS')}`);
    // All in one go, those that stand still at the write of their slots among them: that keeps no other app from its own.
    let left = pointsOf(writes);
    let inVain = 0;
    while (left.length > 0) {
      const died = await this.#killOnce({ name, begin, isDone }, left, spare.splice(0, left.length));
      inVain = died.length === 0 ? inVain + 1 : 0;
      if (inVain > 1) throw new Error(`${name}: nothing came to its write ${left.join(', ')}`);
      left = left.filter((at) => !died.includes(at));
    }
    return said;
  }

  /** Answers at which writes it died, or which were never made this time. */
  async #killOnce(
    { name, begin, isDone }: Handover,
    points: readonly number[],
    namespaces: readonly string[],
  ): Promise<readonly number[]> {
    const proxy = this.#proxy;
    if (namespaces.length < points.length) throw new Error(`${name}: more writes than namespaces for them`);
    await this.operator.ensure();
    proxy.disarm();
    const stops = points.map((at, index) => proxy.stopAt(within(namespaces[index] ?? ''), at, 'killAfter'));
    await Promise.all(namespaces.map(begin));
    await quiet(proxy, stops);
    const through = await Promise.all(namespaces.map(isDone));
    await this.operator.kill();
    proxy.letGo();
    await this.operator.until(`${name}, after a death at ${points.join(', ')}`, async () =>
      (await Promise.all(namespaces.map(isDone))).every((one) => one),
    );
    return points.filter((_, index) => stops[index]?.hit !== undefined || through[index]);
  }

  /** Kills the plugin at each of its writes, the n-th of them in the n-th namespace. Answers how often it died. */
  async pluginDies(
    args: (namespace: string, kubeconfigPath: string) => readonly string[],
    namespaces: readonly string[],
  ): Promise<number> {
    const { proxy, path } = await throughProxy(this.#product.cluster.kubeconfigPath, this.#folder);
    try {
      const died = await Promise.all(
        namespaces.map(async (namespace, index) => {
          const stop = proxy.stopAt(within(namespace), index + 1, 'killAfter');
          const program = this.plugin(args(namespace, path));
          const end = () => Promise.resolve(stop.hit !== undefined || program.ended());
          await waitUntil('the plugin is stopped, or ends', end, { timeoutSeconds: 60, everyMilliseconds: 50 });
          await program.kill('SIGKILL');
          return stop.hit !== undefined;
        }),
      );
      return died.filter((one) => one).length;
    } finally {
      proxy.letGo();
      await proxy.close();
    }
  }

  /** kubectl-proffer as a process of its own. */
  plugin(args: readonly string[]): Program {
    return startCommand('kubectl-proffer', process.execPath, [PLUGIN, ...args]);
  }
}

function within(namespace: string): RegExp {
  return new RegExp(`/namespaces/${namespace}/`);
}

async function throughProxy(kubeconfigPath: string, folder: string): Promise<{ proxy: KillingProxy; path: string }> {
  const account = readKubeconfig(kubeconfigPath);
  const proxy = await startKillingProxy(account.server, account.ca);
  const path = join(folder, `${new URL(proxy.url).port}.yaml`);
  writeFileSync(path, account.viaProxy(proxy.url), { mode: 0o600 });
  return { proxy, path };
}

/** Until every write that was to be stopped is, or, after the first of all, none has come for a while. */
async function quiet({ writes }: KillingProxy, stops: readonly StoppedWrite[] = []): Promise<void> {
  let last = { count: 0, since: performance.now() };
  await waitUntil(
    'no more writes',
    async () => {
      const now = performance.now();
      const stopped = stops.filter(({ hit }) => hit !== undefined).length;
      const count = writes.length + stopped;
      if (count !== last.count) last = { count, since: now };
      const isOver = stops.length > 0 && stopped === stops.length;
      const patience = stops.length > 0 ? NO_STOP_MILLIS : NO_WRITE_MILLIS;
      return isOver || (count > 0 && now - last.since > patience);
    },
    { timeoutSeconds: 60, everyMilliseconds: 100 },
  );
}
