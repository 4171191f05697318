import { parseStoragePool } from '../api/parse.ts';
import type { StoragePool, StoragePoolStatus } from '../api/storage-pool.ts';
import { attachLimit } from '../core/pools/attach-limit.ts';
import { FIXED_FIELDS, LOOSE_FIELDS } from '../core/pools/class-drift.ts';
import { brokenPromise, fencingOf } from '../core/pools/fencing.ts';
import { secondAttach } from '../core/pools/second-attach.ts';
import { localityOf } from '../core/pools/locality.ts';
import { poolClass } from '../core/pools/pool-class.ts';
import { presetOfDriver } from '../core/pools/presets.ts';
import type { StorageClassFacts } from '../core/facts/storage-facts.ts';
import type { ClusterView } from '../core/view/cluster-view.ts';
import { classNameOf } from '../core/view/storage-facts-index.ts';
import type { ResourceType } from '../kube/resource-type.ts';
import type { WorkResult } from '../kube/work-queue.ts';
import type { Writer } from '../kube/writer.ts';
import { buildStorageClass } from './build-storage-class.ts';
import type { Stores } from './caches.ts';
import { makeClass } from './pool-class-maker.ts';
import { PoolSnapshots, SNAPSHOT_LOOK_SECONDS, type SnapshotState, wantsSnapshots } from './pool-snapshots.ts';
import { poolFigures, promisesOf } from './pool-status.ts';
import { say, type Said } from './say.ts';
import type { StatusWriter } from './status-writer.ts';

export interface PoolControllerOptions {
  readonly stores: Pick<
    Stores,
    'pools' | 'storageClasses' | 'claims' | 'capacities' | 'volumes' | 'drivers' | 'csiNodes' | 'attachments'
  >;
  readonly view: Pick<ClusterView, 'nodes' | 'node' | 'slotsOn'>;
  readonly writer: Pick<Writer, 'get' | 'apply'>;
  readonly statuses: Pick<StatusWriter, 'write'>;
  /** Whether the API server knows a kind now. */
  readonly serves: (type: ResourceType) => Promise<boolean>;
  /** Epoch seconds. */
  readonly now: () => number;
}

/** What is so with a pool's class. `className` is empty when volumes cannot be made with it. */
interface ClassState {
  readonly className: string;
  /** Empty when it is not known. */
  readonly driver: string;
  readonly ready: Said;
  /** The class is another one than the pool describes: what is known of the pool's volumes may not hold for new ones. */
  readonly isOther?: boolean;
}

interface Checked {
  readonly generation: number;
  readonly seen: StorageClassFacts | undefined;
  readonly state: ClassState;
}

/** The driver attached a volume to two nodes at once. */
const SECOND_ATTACH = 'SecondAttach';

const LESS_PROVEN = ['fencing is None: ', '; a lost node is acted on only with other evidence'] as const;

/** A pool becomes a StorageClass, and its status tells what it holds. Classes are never deleted here: volumes refer to them. */
export class PoolController {
  /** By UID: what was found for this generation of the pool and this state of the class. */
  readonly #checked = new Map<string, Checked>();
  /** By name: the UID it was last seen with. */
  readonly #uids = new Map<string, string>();
  readonly #snapshots: PoolSnapshots;
  readonly #options: PoolControllerOptions;

  constructor(options: PoolControllerOptions) {
    this.#options = options;
    this.#snapshots = new PoolSnapshots(options);
  }

  async reconcile(name: string): Promise<WorkResult> {
    const pool = this.#options.stores.pools.get(name);
    this.#forget(name, pool?.metadata.uid);
    if (pool === undefined) return {};
    const state = await this.#classOf(pool);
    const snapshots = await this.#snapshots.of(pool, state.driver);
    await this.#options.statuses.write(pool, this.#status(pool, state, snapshots), parseStoragePool);
    return wantsSnapshots(pool) ? { wakeAfterSeconds: SNAPSHOT_LOOK_SECONDS } : {};
  }

  #forget(name: string, uid: string | undefined): void {
    const before = this.#uids.get(name);
    if (uid === undefined) this.#uids.delete(name);
    else this.#uids.set(name, uid);
    if (before === undefined || before === uid) return;
    this.#checked.delete(before);
    this.#snapshots.forget(before);
  }

  async #classOf(pool: StoragePool): Promise<ClassState> {
    const { uid, generation, name } = pool.metadata;
    const existing = pool.spec.storageClassName;
    const seen = this.#options.stores.storageClasses.get(existing ?? name);
    if (existing !== undefined) return existingClass(existing, seen);
    const known = this.#checked.get(uid);
    if (known?.generation === generation && known.seen === seen) return known.state;
    const state = await this.#make(pool, seen);
    this.#checked.set(uid, { generation, seen, state });
    return state;
  }

  async #make(pool: StoragePool, seen: StorageClassFacts | undefined): Promise<ClassState> {
    const wanted = poolClass(pool.spec);
    if (wanted === undefined) throw new Error(`pool ${pool.metadata.name} names neither a class nor a provider`);
    const { name } = pool.metadata;
    if (wanted.problems.length > 0) {
      // A class that was made before goes on serving.
      const made = seen !== undefined && pool.status?.storageClassName === name;
      const invalid = not('InvalidParameters', wanted.problems.join('; '));
      return { className: made ? name : '', driver: made ? seen.provisioner : '', ready: invalid };
    }
    const desired = buildStorageClass(pool, wanted);
    const problem = await makeClass(this.#options.writer, pool, desired, { fixed: FIXED_FIELDS, loose: LOOSE_FIELDS });
    if (problem === undefined) return { className: name, driver: wanted.provisioner, ready: ready(name) };
    const driver = problem.usable ? (seen?.provisioner ?? wanted.provisioner) : '';
    const isOther = problem.reason === 'ClassCannotChange';
    return { className: problem.usable ? name : '', driver, ready: not(problem.reason, problem.message), isOther };
  }

  #status(pool: StoragePool, state: ClassState, snapshots: SnapshotState): StoragePoolStatus {
    const { stores, now } = this.#options;
    const { className, driver, ready, isOther = false } = state;
    const second = this.#secondAttach(pool, className, driver);
    const other = isOther ? 'the StorageClass is another one than the pool describes' : undefined;
    const broken = second ?? other ?? brokenPromise(pool, driver);
    const { generation } = pool.metadata;
    const said = [
      this.#isSilent(className, driver) ? nothingPublished(className, driver) : ready,
      snapshots.said,
      lessProven(broken, second === undefined ? 'FencingNotProven' : SECOND_ATTACH),
    ].filter((item) => item !== undefined);
    return {
      observedGeneration: generation,
      storageClassName: className,
      snapshotClassName: snapshots.className,
      driver,
      locality: localityOf(pool),
      // From the spec alone: what was found before is no reason to find it again.
      fencing: broken === undefined ? fencingOf({ spec: pool.spec }, driver) : 'None',
      features: presetOfDriver(driver)?.features ?? [],
      attachLimit: attachLimit(driver, stores.csiNodes.list()),
      ...this.#figures(pool, className),
      conditions: say(said, pool.status?.conditions, generation, now()),
    };
  }

  /** The driver publishes capacity, and none of this class: nothing can be placed on it. */
  #isSilent(className: string, driver: string): boolean {
    const { capacities, drivers } = this.#options.stores;
    if (className === '' || drivers.get(driver)?.publishesCapacity !== true) return false;
    return !capacities.list().some((one) => one.storageClassName === className && one.nodeLabels !== undefined);
  }

  /** What was seen once stays said until somebody has looked at the pool and changed it: who did it once may do it again. */
  #secondAttach(pool: StoragePool, className: string, driver: string): string | undefined {
    const { stores } = this.#options;
    if (fencingOf({ spec: pool.spec }, driver) !== 'AttachExclusive') return undefined;
    const said = pool.status?.conditions.find(
      ({ reason, observedGeneration }) => reason === SECOND_ATTACH && observedGeneration === pool.metadata.generation,
    );
    if (said !== undefined) return said.message.replace(LESS_PROVEN[0], '').replace(LESS_PROVEN[1], '');
    return secondAttach(stores.attachments.list(), (name) => stores.volumes.get(name), className);
  }

  /** Name and class of the pools of other classes on the same disks. */
  #beside(pool: StoragePool, className: string): readonly (readonly [string, string])[] {
    const { group = '' } = pool.spec.capacity;
    if (group === '' || className === '') return [];
    return this.#options.stores.pools.list().flatMap((other) => {
      const otherClass = classNameOf(other) ?? '';
      const isBeside = other.spec.capacity.group === group && otherClass !== '' && otherClass !== className;
      return isBeside ? [[other.metadata.name, otherClass] as const] : [];
    });
  }

  #figures(pool: StoragePool, className: string): ReturnType<typeof poolFigures> {
    const { stores, view } = this.#options;
    const isProvisioned = (namespace: string, claim: string) =>
      (stores.claims.get(`${namespace}/${claim}`)?.volumeName ?? '') !== '';
    const slots = className === '' ? [] : view.nodes().flatMap((node) => view.slotsOn(node.name));
    const promises = (name: string, ofClass: string): ReturnType<typeof promisesOf> =>
      promisesOf({ pool: name, className: ofClass }, slots, (node) => view.node(node), isProvisioned);
    return poolFigures(pool, {
      capacities: stores.capacities.list().filter((capacity) => capacity.storageClassName === className),
      volumes: className === '' ? [] : stores.volumes.list().filter((one) => one.storageClassName === className),
      promises: promises(pool.metadata.name, className),
      promisesBeside: this.#beside(pool, className).flatMap((other) => promises(...other)),
    });
  }
}

function existingClass(name: string, seen: StorageClassFacts | undefined): ClassState {
  if (seen === undefined) {
    const message = `there is no StorageClass "${name}": create it, or make a pool with another one`;
    return { className: '', driver: '', ready: not('StorageClassNotFound', message) };
  }
  const { bindingMode, provisioner: driver } = seen;
  if (bindingMode !== 'Immediate') return { className: name, driver, ready: ready(name) };
  const message = `StorageClass "${name}" makes volumes before their member has a node (volumeBindingMode Immediate), so they may be out of its reach: use a class with WaitForFirstConsumer`;
  return {
    className: name,
    driver,
    ready: { type: 'Ready', status: 'True', reason: 'BindsImmediately', message },
  };
}

/** kube-scheduler lets no pod with a new volume of the class through, and neither do we. */
function nothingPublished(className: string, driver: string): Said {
  const message = `driver ${driver} publishes capacity, and none for StorageClass ${className}: until it does no volume can be made; check the parameters of the class, and that the driver runs`;
  return not('NoCapacityPublished', message);
}

function lessProven(why: string | undefined, reason: string): Said | undefined {
  if (why === undefined) return undefined;
  return { type: 'Degraded', status: 'True', reason, message: `${LESS_PROVEN[0]}${why}${LESS_PROVEN[1]}` };
}

function ready(className: string): Said {
  return { type: 'Ready', status: 'True', reason: 'Ready', message: `volumes are made with StorageClass ${className}` };
}

function not(reason: string, message: string): Said {
  return { type: 'Ready', status: 'False', reason, message };
}
