import type { StoragePool } from '../api/storage-pool.ts';
import type { KubeObject } from '../core/app/plan.ts';
import { readString } from '../core/app/read-field.ts';
import { SNAPSHOT_FIELDS } from '../core/pools/class-drift.ts';
import { VOLUME_SNAPSHOT_CLASS, type ResourceType } from '../kube/resource-type.ts';
import type { Writer } from '../kube/writer.ts';
import { buildSnapshotClass } from './build-storage-class.ts';
import { makeClass } from './pool-class-maker.ts';
import type { Said } from './say.ts';

export interface PoolSnapshotsOptions {
  readonly writer: Pick<Writer, 'get' | 'apply'>;
  /** Whether the API server knows the kind: the snapshot kinds come from CRDs that a cluster may lack. */
  readonly serves: (type: ResourceType) => Promise<boolean>;
  /** Epoch seconds. */
  readonly now: () => number;
}

/** With which VolumeSnapshotClass snapshots are taken, empty when none can be; and what there is to say about it. */
export interface SnapshotState {
  readonly className: string;
  readonly said: Said | undefined;
}

interface Looked {
  readonly generation: number;
  readonly driver: string;
  readonly at: number;
  readonly state: SnapshotState;
}

/** Snapshot classes are not watched, since their kind may not exist: they are looked at this often. */
export const SNAPSHOT_LOOK_SECONDS = 60;

const NONE: SnapshotState = { className: '', said: undefined };

/** A pool with snapshots gets a VolumeSnapshotClass, or uses one that exists. */
export class PoolSnapshots {
  /** By UID. */
  readonly #looked = new Map<string, Looked>();
  readonly #options: PoolSnapshotsOptions;

  constructor(options: PoolSnapshotsOptions) {
    this.#options = options;
  }

  /** `driver`: what makes the pool's volumes, empty when that is not known. */
  async of(pool: StoragePool, driver: string): Promise<SnapshotState> {
    if (!wantsSnapshots(pool)) return NONE;
    const { uid, generation } = pool.metadata;
    const now = this.#options.now();
    const before = this.#looked.get(uid);
    const isFresh = before?.generation === generation && before.driver === driver;
    if (isFresh && now - before.at < SNAPSHOT_LOOK_SECONDS) return before.state;
    const state = await this.#look(pool, driver);
    this.#looked.set(uid, { generation, driver, at: now, state });
    return state;
  }

  forget(uid: string): void {
    this.#looked.delete(uid);
  }

  async #look(pool: StoragePool, driver: string): Promise<SnapshotState> {
    if (driver === '') return without('NoStorageClass', 'the pool has no StorageClass yet, so its driver is not known');
    if (!(await this.#options.serves(VOLUME_SNAPSHOT_CLASS))) {
      return without(
        'SnapshotKindsMissing',
        'the cluster has no VolumeSnapshotClass kind: install the CRDs and the controller of kubernetes-csi/external-snapshotter; nothing else is needed here',
      );
    }
    const { snapshotClassName } = pool.spec.snapshots;
    return snapshotClassName === undefined ? this.#make(pool, driver) : this.#existing(snapshotClassName, driver);
  }

  async #make(pool: StoragePool, driver: string): Promise<SnapshotState> {
    const desired = buildSnapshotClass(pool, driver);
    const problem = await makeClass(this.#options.writer, pool, desired, { fixed: [], loose: SNAPSHOT_FIELDS });
    if (problem === undefined) return ready(pool.metadata.name);
    return { className: problem.usable ? pool.metadata.name : '', said: not(problem.reason, problem.message) };
  }

  async #existing(name: string, driver: string): Promise<SnapshotState> {
    const live = (await this.#options.writer.get(VOLUME_SNAPSHOT_CLASS, undefined, name)) as KubeObject | undefined;
    if (live === undefined) {
      return without(
        'SnapshotClassNotFound',
        `there is no VolumeSnapshotClass "${name}": create it, or name another one`,
      );
    }
    const other = readString(live, 'driver');
    if (other === driver) return ready(name);
    return without(
      'SnapshotClassOfOtherDriver',
      `VolumeSnapshotClass "${name}" is of driver ${other}, and the pool's volumes are of driver ${driver}: name a class of that driver, or set snapshots.enabled without a name`,
    );
  }
}

/** Whether there is anything to look after. */
export function wantsSnapshots({ spec: { snapshots } }: StoragePool): boolean {
  return snapshots.enabled || snapshots.snapshotClassName !== undefined;
}

function ready(className: string): SnapshotState {
  const message = `snapshots are taken with VolumeSnapshotClass ${className}`;
  return { className, said: { type: 'SnapshotsReady', status: 'True', reason: 'Ready', message } };
}

function without(reason: string, message: string): SnapshotState {
  return { className: '', said: not(reason, message) };
}

function not(reason: string, message: string): Said {
  return { type: 'SnapshotsReady', status: 'False', reason, message };
}
