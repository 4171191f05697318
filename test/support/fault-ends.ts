import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from '../../src/kube/client.ts';
import { snapshotApps, type AppSnapshot } from './app-snapshot.ts';
import type { FaultOperator } from './fault-operator.ts';
import { isTold, type Story } from './fault-story.ts';
import type { KillingProxy } from './killing-proxy.ts';

/** How long an app must not move that has come to the end it should come to, and one that has not. */
const STILL_MILLIS = { asExpected: 500, otherwise: 1000 };

/** How stories end, each in its namespace. These stay: to remove them costs more than to keep them. */
export class FaultEnds {
  readonly #client: KubeClient;
  readonly #proxy: KillingProxy;
  readonly #operator: FaultOperator;
  readonly #ends = new Map<string, AppSnapshot>();

  constructor(client: KubeClient, proxy: KillingProxy, operator: FaultOperator) {
    this.#client = client;
    this.#proxy = proxy;
    this.#operator = operator;
  }

  /** Waits until the story has ended in each of the namespaces and nothing moves any more. */
  async of(story: Story, namespaces: readonly string[], expected?: unknown): Promise<readonly AppSnapshot[]> {
    for (const namespace of namespaces) {
      await this.#operator.until(`${namespace}: the end of ${story}`, () => isTold(this.#client, story, namespace));
    }
    const ends = await this.#untilQuiet(namespaces, expected);
    ends.forEach((end, index) => this.#ends.set(namespaces[index] ?? '', end));
    return ends;
  }

  /** Namespaces in which something is no longer as it was at the end. */
  async changedSince(): Promise<readonly string[]> {
    const namespaces = [...this.#ends.keys()];
    const now = await snapshotApps(this.#client, namespaces);
    return namespaces.filter((name, index) => JSON.stringify(now[index]) !== JSON.stringify(this.#ends.get(name)));
  }

  /** Two equal snapshots some time apart, with an operator that leads all the while and writes nothing. */
  async #untilQuiet(namespaces: readonly string[], expected: unknown): Promise<readonly AppSnapshot[]> {
    const wanted = JSON.stringify(expected);
    let last = await snapshotApps(this.#client, namespaces);
    await this.#operator.until(`${namespaces.join(', ')}: quiet`, async () => {
      const { length } = writesForApps(this.#proxy);
      const leading = this.#operator.isLeading();
      const asExpected = last.every(({ shape }) => JSON.stringify(shape) === wanted);
      await sleep(STILL_MILLIS[asExpected ? 'asExpected' : 'otherwise']);
      const next = await snapshotApps(this.#client, namespaces);
      const same = JSON.stringify(next) === JSON.stringify(last);
      last = next;
      return same && leading && this.#operator.isLeading() && length === writesForApps(this.#proxy).length;
    });
    return last;
  }
}

/** Beside these it writes what pools and frameworks have left. */
export function writesForApps({ writes }: Pick<KillingProxy, 'writes'>): KillingProxy['writes'] {
  return writes.filter(({ path }) => path.includes('/namespaces/crash-') || path.includes('/persistentvolumes/'));
}
