import type { SnapshotKinds } from '../core/backup/snapshot-facts.ts';
import { sleep, type Clock } from '../kube/clock.ts';
import type { Reflector } from '../kube/reflector.ts';
import type { ResourceType } from '../kube/resource-type.ts';
import type { Log } from '../kube/log.ts';

export interface OptionalKindsOptions {
  readonly types: readonly ResourceType[];
  readonly reflectors: readonly Reflector<unknown>[];
  /** Whether the API server knows a kind now. */
  readonly serves: (type: ResourceType) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Whether the kinds have come is asked this often. */
const LOOK_SECONDS = 30;

/** Kinds that come from CRDs which a cluster may lack, watched together from the moment at which it has all of them. */
export class OptionalKinds {
  readonly #options: OptionalKindsOptions;
  #served: boolean | undefined;

  constructor(options: OptionalKindsOptions) {
    this.#options = options;
  }

  state(): SnapshotKinds {
    if (this.#served === false) return 'missing';
    return this.#served === true && this.#options.reflectors.every(({ synced }) => synced) ? 'served' : 'reading';
  }

  /** Watches until the signal aborts. `onKnown` is called when it first turns out that they are missing, and when all is read. */
  async run(signal: AbortSignal, onKnown: () => void): Promise<void> {
    const { reflectors, clock } = this.#options;
    let isTold = false;
    while (!signal.aborted && !(await this.#look())) {
      if (!isTold && this.#served === false) onKnown();
      isTold = this.#served === false;
      await sleep(clock, LOOK_SECONDS, signal);
    }
    if (signal.aborted) return;
    const synced = Promise.all(reflectors.map((reflector) => reflector.whenSynced(signal)));
    synced.then(onKnown, () => undefined);
    await Promise.all(reflectors.map((reflector) => reflector.run(signal)));
  }

  async #look(): Promise<boolean> {
    const { types, serves, log } = this.#options;
    try {
      const served = await Promise.all(types.map(serves));
      this.#served = served.every((one) => one);
    } catch (error) {
      const kinds = types.map(({ plural }) => plural);
      log.warn({ err: error, kinds }, 'whether the cluster has these kinds cannot be asked; tried again');
    }
    return this.#served === true;
  }
}
