import { readGroupSnapshot, readSnapshot, readSnapshotClass } from '../core/backup/read-snapshot.ts';
import type {
  GroupSnapshotFacts,
  SnapshotClassFacts,
  SnapshotFacts,
  SnapshotKinds,
} from '../core/backup/snapshot-facts.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Clock } from '../kube/clock.ts';
import { Reflector } from '../kube/reflector.ts';
import {
  VOLUME_GROUP_SNAPSHOT,
  VOLUME_GROUP_SNAPSHOT_CLASS,
  VOLUME_SNAPSHOT,
  VOLUME_SNAPSHOT_CLASS,
  type ResourceType,
} from '../kube/resource-type.ts';
import { Store } from '../kube/store.ts';
import { OptionalKinds } from './backup-optional-kinds.ts';
import type { Log } from './log.ts';

export interface SnapshotWatchOptions {
  readonly client: KubeClient;
  /** Whether the API server knows a kind now. */
  readonly serves: (type: ResourceType) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Log;
}

const BY_NAMESPACE = 'namespace';

/**
 * Snapshots, groups of them, and their classes, watched from the moment at which the cluster has these kinds: an operator without them
 * starts all the same. Of the groups' kinds it is known whether there are any before a backup begins, which else would do without.
 */
export class SnapshotWatch {
  readonly snapshots: Store<SnapshotFacts>;
  readonly classes: Store<SnapshotClassFacts>;
  readonly groups: Store<GroupSnapshotFacts>;
  readonly groupClasses: Store<SnapshotClassFacts>;
  readonly #single: OptionalKinds;
  readonly #grouped: OptionalKinds;

  constructor({ client, serves, clock, log }: SnapshotWatchOptions) {
    this.snapshots = new Store<SnapshotFacts>(log);
    this.classes = new Store<SnapshotClassFacts>(log);
    this.groups = new Store<GroupSnapshotFacts>(log);
    this.groupClasses = new Store<SnapshotClassFacts>(log);
    this.snapshots.index(BY_NAMESPACE, ({ namespace }) => namespace);
    this.groups.index(BY_NAMESPACE, ({ namespace }) => namespace);
    const reflect = <T>(type: ResourceType, project: (raw: unknown) => T, store: Store<T>) =>
      new Reflector<T>({ client, type, namespace: undefined, project, store, log }) as Reflector<unknown>;
    const common = { serves, clock, log };
    this.#single = new OptionalKinds({
      ...common,
      types: [VOLUME_SNAPSHOT, VOLUME_SNAPSHOT_CLASS],
      reflectors: [
        reflect(VOLUME_SNAPSHOT, readSnapshot, this.snapshots),
        reflect(VOLUME_SNAPSHOT_CLASS, readSnapshotClass, this.classes),
      ],
    });
    this.#grouped = new OptionalKinds({
      ...common,
      types: [VOLUME_GROUP_SNAPSHOT, VOLUME_GROUP_SNAPSHOT_CLASS],
      reflectors: [
        reflect(VOLUME_GROUP_SNAPSHOT, readGroupSnapshot, this.groups),
        reflect(VOLUME_GROUP_SNAPSHOT_CLASS, readSnapshotClass, this.groupClasses),
      ],
    });
  }

  kinds(): SnapshotKinds {
    const single = this.#single.state();
    return single === 'served' && this.#grouped.state() === 'reading' ? 'reading' : single;
  }

  /** By name, of one namespace. */
  in(namespace: string): ReadonlyMap<string, SnapshotFacts> {
    return byName(this.snapshots.byIndex(BY_NAMESPACE, namespace));
  }

  /** By name, of one namespace. */
  groupsIn(namespace: string): ReadonlyMap<string, GroupSnapshotFacts> {
    return byName(this.groups.byIndex(BY_NAMESPACE, namespace));
  }

  /** Watches until the signal aborts; `onSynced` is called once all is read. */
  async run(signal: AbortSignal, onSynced: () => void): Promise<void> {
    const onKnown = () => {
      if (this.kinds() === 'served') onSynced();
    };
    await Promise.all([this.#single, this.#grouped].map((kinds) => kinds.run(signal, onKnown)));
  }
}

function byName<T extends { readonly name: string }>(found: readonly T[]): ReadonlyMap<string, T> {
  return new Map(found.map((one) => [one.name, one]));
}
