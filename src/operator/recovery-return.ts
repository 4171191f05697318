import { LABEL_APP } from '../api/labels.ts';
import type { NodeFacts } from '../core/facts/node-facts.ts';
import { TAINT_OUT_OF_SERVICE } from '../core/recovery/node-trouble.ts';
import { returnAfter } from '../core/recovery/return.ts';
import type { WorkResult } from '../kube/work-queue.ts';
import { BY_NODE, type Stores } from './caches.ts';
import type { RecoveryActions } from './recovery-actions.ts';
import type { RecoveryWatch } from './recovery-watch.ts';

export interface RecoveryReturnOptions {
  readonly stores: Pick<Stores, 'nodes' | 'pods'>;
  readonly watch: Pick<RecoveryWatch, 'silentSeconds' | 'heardSeconds'>;
  readonly actions: Pick<RecoveryActions, 'takeBack'>;
}

/** A write lost a race; the node is looked at again shortly. */
const SOON_SECONDS = 1;

/** Nodes that we declared out of service are let back in once they are well and done with what they had. */
export class RecoveryReturn {
  /** On the clock of heard time, by node. */
  readonly #wellSince = new Map<string, number>();
  readonly #options: RecoveryReturnOptions;

  constructor(options: RecoveryReturnOptions) {
    this.#options = options;
  }

  /** Throws what the API server answered, lost races apart. */
  async reconcile(name: string): Promise<WorkResult> {
    const { stores, watch } = this.#options;
    const node = stores.nodes.get(name);
    if (node?.fencedByUs === undefined) {
      this.#wellSince.delete(name);
      return {};
    }
    // Somebody took our taint away: our mark must not stand for one that they put there later.
    if (!node.taints.some(({ key }) => key === TAINT_OUT_OF_SERVICE)) return this.#takeBack(node);
    const now = watch.heardSeconds();
    const since = this.#wellSince.get(name);
    const { isWell, seconds } = returnAfter({
      ready: node.ready,
      silentSeconds: watch.silentSeconds(name),
      memberPods: stores.pods.byIndex(BY_NODE, name).filter((pod) => pod.labels[LABEL_APP] !== undefined).length,
      wellSeconds: since === undefined ? undefined : now - since,
    });
    if (isWell) this.#wellSince.set(name, since ?? now);
    else this.#wellSince.delete(name);
    if (seconds > 0) return { wakeAfterSeconds: seconds };
    return this.#takeBack(node);
  }

  async #takeBack({ name, uid }: NodeFacts): Promise<WorkResult> {
    return (await this.#options.actions.takeBack(name, uid)) ? {} : { wakeAfterSeconds: SOON_SECONDS };
  }
}
