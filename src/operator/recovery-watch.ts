import type { NodeFacts } from '../core/facts/node-facts.ts';
import { breakerProblem } from '../core/recovery/circuit-breaker.ts';
import { exclusiveClasses } from '../core/recovery/exclusive-volumes.ts';
import { NodeSilence } from '../core/recovery/node-silence.ts';
import {
  type NodeTrouble,
  QUIET_SECONDS,
  SUSPECT_SECONDS,
  isUnfit,
  nodeTrouble,
} from '../core/recovery/node-trouble.ts';
import { instanceState } from '../core/recovery/instance-state.ts';
import { wholeNodeProblem } from '../core/recovery/whole-node.ts';
import { type Clock, sleep } from '../kube/clock.ts';
import { objectKey } from '../kube/kube-object.ts';
import { appsOfPod } from './app-keys.ts';
import { BY_NODE, type Stores } from './caches.ts';

/** Attachments by the node and by the volume that they tie together. */
export const BY_VOLUME = 'volume';

/** How often the silence of nodes is looked at. Silence makes no event. */
const TICK_SECONDS = 1;

export interface RecoveryWatchOptions {
  readonly stores: Stores;
  /** Whether we may taint nodes. It may turn out that we may not. */
  readonly mayTaint: () => boolean;
  readonly clock: Clock;
  /** A node became silent, silent for longer, or is heard again. */
  readonly onNews: (node: string) => void;
}

/** Listens to the Leases of all nodes, and says which are in trouble. A renewal of a node that is well makes nobody work. */
export class RecoveryWatch {
  readonly #silence = new NodeSilence();
  /** Silent nodes, and which of the thresholds each has passed. */
  readonly #passed = new Map<string, number>();
  readonly #options: RecoveryWatchOptions;

  constructor(options: RecoveryWatchOptions) {
    this.#options = options;
    const { stores, clock } = options;
    stores.attachments.index(BY_NODE, ({ nodeName }) => nodeName);
    stores.attachments.index(BY_VOLUME, ({ volumeName }) => volumeName);
    stores.nodeLeases.onChange((_key, next) => {
      // The Lease of a node that was removed is removed too, and its silence goes on.
      if (next !== undefined && this.#silence.heard(next.name, next.renewTime, clock.monotonicSeconds()))
        this.#heard(next.name);
    });
  }

  /** Looks at the silence of nodes until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.look();
      await sleep(this.#options.clock, TICK_SECONDS, signal);
    }
  }

  /** Tells which nodes have passed a threshold of silence since the last look. */
  look(): void {
    const { clock, stores, onNews } = this.#options;
    const now = clock.monotonicSeconds();
    for (const node of this.#silence.silentFor(QUIET_SECONDS, now)) {
      const passed = this.#silence.secondsOf(node, now) >= SUSPECT_SECONDS ? SUSPECT_SECONDS : QUIET_SECONDS;
      if ((this.#passed.get(node) ?? 0) < passed) {
        this.#passed.set(node, passed);
        onNews(node);
      }
      if (!stores.nodes.has(node) && stores.pods.keysByIndex(BY_NODE, node).length === 0) this.#silence.forget(node);
    }
  }

  silentSeconds(node: string): number {
    return this.#silence.secondsOf(node, this.#options.clock.monotonicSeconds());
  }

  /** What is wrong with a node; undefined when nothing is. */
  troubleOf(name: string): NodeTrouble | undefined {
    const node = this.#options.stores.nodes.get(name);
    return nodeTrouble(name, node, {
      silentSeconds: this.silentSeconds(name),
      renewedAt: this.#silence.renewedAt(name),
      wholeNodeProblem: () => this.#wholeNodeProblem(name, node),
    });
  }

  /**
   * The node as placement should see it: one that looks dead is not ready, whatever it said last. Where too many are silent it is not they:
   * silence then says nothing.
   */
  seen(node: NodeFacts): NodeFacts {
    const trouble = node.ready ? this.troubleOf(node.name) : undefined;
    if (trouble === undefined) return node;
    const known = this.#areManySilent() ? { ...trouble, silentSeconds: 0 } : trouble;
    return isUnfit(known) ? { ...node, ready: false } : node;
  }

  /** Why nothing new may be moved for now; undefined: nothing stands against it. */
  breakerProblem(): string | undefined {
    const nodes = this.#options.stores.nodes.list();
    const now = this.#options.clock.monotonicSeconds();
    const silent = new Set(this.#silence.silentFor(SUSPECT_SECONDS, now));
    const dead = nodes.filter((node) => {
      if (node.ready && !silent.has(node.name)) return false;
      const trouble = this.troubleOf(node.name);
      return trouble?.outOfService !== 'byOthers' && trouble?.instance === 'unknown';
    });
    return breakerProblem({ dead: dead.length, nodes: nodes.length });
  }

  #areManySilent(): boolean {
    const dead = [...this.#passed.values()].filter((passed) => passed === SUSPECT_SECONDS).length;
    return breakerProblem({ dead, nodes: this.#options.stores.nodes.size }) !== undefined;
  }

  #heard(node: string): void {
    if (this.#passed.delete(node)) this.#options.onNews(node);
  }

  #wholeNodeProblem(name: string, node: NodeFacts | undefined): string {
    const { stores, mayTaint } = this.#options;
    const pods = stores.pods.byIndex(BY_NODE, name).filter(({ phase }) => phase !== 'Succeeded' && phase !== 'Failed');
    return wholeNodeProblem({
      mayTaint: mayTaint(),
      instance: node === undefined ? 'unknown' : instanceState(node),
      pods,
      attachments: stores.attachments.byIndex(BY_NODE, name),
      claimOf: (namespace, claim) => stores.claims.get(objectKey(namespace, claim)),
      volumeOf: (volume) => stores.volumes.get(volume),
      exclusiveClasses: exclusiveClasses(stores.pools.list(), (name) => stores.storageClasses.get(name)?.provisioner),
      unwilling: this.#unwilling(pods),
    });
  }

  /** Apps whose members there may not all be moved at once. */
  #unwilling(pods: readonly Parameters<typeof appsOfPod>[0][]): readonly string[] {
    const counts = new Map<string, number>();
    for (const key of pods.flatMap(appsOfPod)) counts.set(key, (counts.get(key) ?? 0) + 1);
    return [...counts].flatMap(([key, count]) => {
      const app = this.#options.stores.apps.get(key);
      if (app === undefined) return [];
      const { policy, maxConcurrent } = app.spec.recovery.nodeFailure;
      return policy === 'Automatic' && !app.spec.paused && count <= maxConcurrent ? [] : [key];
    });
  }
}
