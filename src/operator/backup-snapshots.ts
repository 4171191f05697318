import { readSnapshot, readSnapshotClass } from '../core/backup/read-snapshot.ts';
import type { SnapshotClassFacts, SnapshotFacts, SnapshotKinds } from '../core/backup/snapshot-facts.ts';
import type { KubeClient } from '../kube/client.ts';
import { sleep, type Clock } from '../kube/clock.ts';
import { Reflector } from '../kube/reflector.ts';
import { VOLUME_SNAPSHOT, VOLUME_SNAPSHOT_CLASS, type ResourceType } from '../kube/resource-type.ts';
import { Store } from '../kube/store.ts';
import type { Log } from './log.ts';

export interface SnapshotWatchOptions {
  readonly client: KubeClient;
  /** Whether the API server knows a kind now. */
  readonly serves: (type: ResourceType) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Whether the kinds have come is asked this often. */
const LOOK_SECONDS = 30;

const BY_NAMESPACE = 'namespace';

/** Snapshots and their classes, watched from the moment at which the cluster has these kinds: an operator without them starts all the same. */
export class SnapshotWatch {
  readonly snapshots: Store<SnapshotFacts>;
  readonly classes: Store<SnapshotClassFacts>;
  readonly #options: SnapshotWatchOptions;
  readonly #reflectors: readonly Reflector<unknown>[];
  #served: boolean | undefined;

  constructor(options: SnapshotWatchOptions) {
    this.#options = options;
    const { client, log } = options;
    this.snapshots = new Store<SnapshotFacts>(log);
    this.classes = new Store<SnapshotClassFacts>(log);
    this.snapshots.index(BY_NAMESPACE, ({ namespace }) => namespace);
    const reflect = <T>(type: ResourceType, project: (raw: unknown) => T, store: Store<T>) =>
      new Reflector<T>({ client, type, namespace: undefined, project, store, log }) as Reflector<unknown>;
    this.#reflectors = [
      reflect(VOLUME_SNAPSHOT, readSnapshot, this.snapshots),
      reflect(VOLUME_SNAPSHOT_CLASS, readSnapshotClass, this.classes),
    ];
  }

  kinds(): SnapshotKinds {
    if (this.#served === false) return 'missing';
    return this.#served === true && this.#reflectors.every(({ synced }) => synced) ? 'served' : 'reading';
  }

  /** By name, of one namespace. */
  in(namespace: string): ReadonlyMap<string, SnapshotFacts> {
    return new Map(this.snapshots.byIndex(BY_NAMESPACE, namespace).map((snapshot) => [snapshot.name, snapshot]));
  }

  /** Watches until the signal aborts; `onSynced` is called once all is read. */
  async run(signal: AbortSignal, onSynced: () => void): Promise<void> {
    while (!signal.aborted && !(await this.#look())) await sleep(this.#options.clock, LOOK_SECONDS, signal);
    if (signal.aborted) return;
    const synced = Promise.all(this.#reflectors.map((reflector) => reflector.whenSynced(signal)));
    synced.then(onSynced, () => undefined);
    await Promise.all(this.#reflectors.map((reflector) => reflector.run(signal)));
  }

  async #look(): Promise<boolean> {
    try {
      const served = await Promise.all([VOLUME_SNAPSHOT, VOLUME_SNAPSHOT_CLASS].map(this.#options.serves));
      this.#served = served.every((one) => one);
    } catch (error) {
      this.#options.log.warn({ err: error }, 'whether the cluster has VolumeSnapshots cannot be asked; tried again');
    }
    return this.#served === true;
  }
}
