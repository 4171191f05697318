import type { PersistentApp } from '../api/persistent-app.ts';
import { type MeasuredClaim, readStatsSummary } from '../core/volumes/read-stats-summary.ts';
import { type VolumeUsageFacts, percentFull } from '../core/volumes/volume-usage.ts';
import { type Clock, sleep } from '../kube/clock.ts';
import type { KubeletStats } from '../kube/kubelet-stats.ts';
import { objectKey } from '../kube/kube-object.ts';
import { BY_APP, type Stores } from './caches.ts';

export interface VolumeUsageWatchOptions {
  readonly stores: Pick<Stores, 'apps' | 'pods'>;
  /** Undefined: nobody may ask kubelets. */
  readonly kubelets: Pick<KubeletStats, 'forget' | 'nodes' | 'summary'> | undefined;
  readonly clock: Clock;
  /** Between two looks. A kubelet measures once a minute. */
  readonly everySeconds: number;
  readonly wakeApp: (key: string) => void;
}

/** Kubelets that are asked side by side. */
const SIDE_BY_SIDE = 8;

const OFF = 'the operator runs without --volume-stats (autoGrow.enabled of the chart), so it asks no kubelet';

/** Knows how full volumes are that may grow by themselves. Only the nodes of their members are asked. */
export class VolumeUsageWatch {
  readonly #options: VolumeUsageWatchOptions;
  /** By node. */
  #measured = new Map<string, readonly MeasuredClaim[]>();
  #problems = new Map<string, string>();

  constructor(options: VolumeUsageWatchOptions) {
    this.#options = options;
  }

  /** Asks until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look();
      await sleep(this.#options.clock, this.#options.everySeconds, signal);
    }
    for (const node of this.#options.kubelets?.nodes() ?? []) this.#options.kubelets?.forget(node);
  }

  /** Asks each node once, and wakes the apps that may have something to do. */
  async look(): Promise<void> {
    const apps = this.#growing();
    const nodes = [...new Set(apps.flatMap(({ nodes }) => nodes))];
    const before = new Map(this.#problems);
    for (const node of [...this.#measured.keys(), ...this.#problems.keys()])
      if (!nodes.includes(node)) this.#forget(node);
    for (let at = 0; at < nodes.length; at += SIDE_BY_SIDE) {
      await Promise.all(nodes.slice(at, at + SIDE_BY_SIDE).map((node) => this.#ask(node)));
    }
    for (const { key, app, nodes: of } of apps) {
      const isNews = of.some((node) => before.get(node) !== this.#problems.get(node));
      if (isNews || this.#isFull(app, of)) this.#options.wakeApp(key);
    }
  }

  /** What is known about the app's volumes; undefined when none of them may grow by itself. */
  usageOf(app: PersistentApp): VolumeUsageFacts | undefined {
    if (!mayGrow(app)) return undefined;
    const { namespace, name } = app.metadata;
    const nodes = this.#nodesOf(objectKey(namespace, name));
    const measured = nodes
      .flatMap((node) => this.#measured.get(node) ?? [])
      .filter((item) => item.namespace === namespace);
    return {
      byClaim: new Map(measured.map(({ claim, usage }) => [claim, usage])),
      problems: new Map(
        nodes.flatMap((node) => {
          const problem = this.#options.kubelets === undefined ? OFF : this.#problems.get(node);
          return problem === undefined ? [] : [[node, problem] as const];
        }),
      ),
    };
  }

  async #ask(node: string): Promise<void> {
    const { kubelets } = this.#options;
    if (kubelets === undefined) return;
    try {
      this.#measured.set(node, readStatsSummary(await kubelets.summary(node)));
      this.#problems.delete(node);
    } catch (error) {
      // What was measured before is too old to act on.
      this.#measured.delete(node);
      this.#problems.set(node, error instanceof Error ? error.message : String(error));
    }
  }

  #forget(node: string): void {
    this.#measured.delete(node);
    this.#problems.delete(node);
    this.#options.kubelets?.forget(node);
  }

  #growing(): readonly { readonly key: string; readonly app: PersistentApp; readonly nodes: readonly string[] }[] {
    return [...this.#options.stores.apps.entries()].flatMap(([key, app]) =>
      mayGrow(app) ? [{ key, app, nodes: this.#nodesOf(key) }] : [],
    );
  }

  #nodesOf(key: string): readonly string[] {
    const pods = this.#options.stores.pods.byIndex(BY_APP, key);
    return [...new Set(pods.map((pod) => pod.nodeName).filter((node) => node !== ''))].toSorted();
  }

  #isFull(app: PersistentApp, nodes: readonly string[]): boolean {
    const least = Math.min(...app.spec.volumeClaims.map(({ autoGrow }) => autoGrow.usageThresholdPercent));
    return nodes
      .flatMap((node) => this.#measured.get(node) ?? [])
      .some(({ namespace, usage }) => namespace === app.metadata.namespace && percentFull(usage) >= least);
  }
}

function mayGrow({ spec }: PersistentApp): boolean {
  return !spec.paused && spec.volumeClaims.some(({ autoGrow }) => autoGrow.enabled);
}
