import { parseStoragePool } from '../api/parse.ts';
import { unsupportedPoolFields } from '../api/feature-support.ts';
import type { StoragePool, StoragePoolStatus } from '../api/storage-pool.ts';
import type { KubeObject } from '../core/app/plan.ts';
import { differs } from '../core/app/differs.ts';
import { controllerOf } from '../core/app/read-field.ts';
import type { StorageClassFacts } from '../core/facts/storage-facts.ts';
import type { ClusterView } from '../core/view/cluster-view.ts';
import { STORAGE_CLASS } from '../kube/resource-type.ts';
import type { Writer } from '../kube/writer.ts';
import { FIXED_FIELDS, buildStorageClass } from './build-storage-class.ts';
import type { Stores } from './caches.ts';
import { poolFigures, promisesOf } from './pool-status.ts';
import { say, supported, type Said } from './say.ts';
import type { StatusWriter } from './status-writer.ts';

export interface PoolControllerOptions {
  readonly stores: Stores;
  readonly view: ClusterView;
  readonly writer: Writer;
  readonly statuses: StatusWriter;
  /** Epoch seconds. */
  readonly now: () => number;
}

/** What is so with a pool's class. `className` is empty when volumes cannot be made with it. */
interface ClassState {
  readonly className: string;
  readonly ready: Said;
}

interface Checked {
  readonly generation: number;
  readonly seen: StorageClassFacts | undefined;
  readonly state: ClassState;
}

/** A pool becomes a StorageClass, and its status tells what it holds. Classes are never deleted here: volumes refer to them. */
export class PoolController {
  /** By UID: what was found for this generation of the pool and this state of the class. */
  readonly #checked = new Map<string, Checked>();
  readonly #options: PoolControllerOptions;

  constructor(options: PoolControllerOptions) {
    this.#options = options;
  }

  async reconcile(name: string): Promise<void> {
    const pool = this.#options.stores.pools.get(name);
    if (pool === undefined) return;
    const state = await this.#classOf(pool);
    await this.#options.statuses.write(pool, this.#status(pool, state), parseStoragePool);
  }

  async #classOf(pool: StoragePool): Promise<ClassState> {
    const { uid, generation, name } = pool.metadata;
    const existing = pool.spec.storageClassName;
    const seen = this.#options.stores.storageClasses.get(existing ?? name);
    if (existing !== undefined) return existingClass(existing, seen);
    const known = this.#checked.get(uid);
    if (known?.generation === generation && known.seen === seen) return known.state;
    const state = await this.#make(pool);
    this.#checked.set(uid, { generation, seen, state });
    return state;
  }

  async #make(pool: StoragePool): Promise<ClassState> {
    const desired = buildStorageClass(pool);
    if (desired === undefined) {
      const message = `provider ${pool.spec.provider} is not supported yet: use provider custom with the driver's name, or storageClassName`;
      return { className: '', ready: not('NotSupportedYet', message) };
    }
    const { name } = desired.metadata;
    const { writer } = this.#options;
    const live = (await writer.get(STORAGE_CLASS, undefined, name)) as KubeObject | undefined;
    if (live === undefined) await writer.apply(desired, { force: false });
    else {
      const problem = problemWith(desired, live, pool);
      if (problem !== undefined) return problem;
      if (differs(desired, live))
        await writer.apply({ ...desired, metadata: { ...desired.metadata, uid: live.metadata.uid } });
    }
    return {
      className: name,
      ready: { type: 'Ready', status: 'True', reason: 'Ready', message: `volumes are made with StorageClass ${name}` },
    };
  }

  #status(pool: StoragePool, { className, ready }: ClassState): StoragePoolStatus {
    const { stores, view, now } = this.#options;
    const bound = (namespace: string, claim: string) =>
      (stores.claims.get(`${namespace}/${claim}`)?.volumeName ?? '') !== '';
    const slots = className === '' ? [] : view.nodes().flatMap((node) => view.slotsOn(node.name));
    const capacities = stores.capacities.list().filter((capacity) => capacity.storageClassName === className);
    const figures = poolFigures(pool, {
      capacities,
      volumes: stores.volumes.list().filter((volume) => volume.storageClassName === className),
      promises: promisesOf(className, slots, (node) => view.node(node), bound),
    });
    const { generation } = pool.metadata;
    const driver = stores.storageClasses.get(className)?.provisioner ?? '';
    const silent =
      stores.drivers.get(driver)?.publishesCapacity === true && !capacities.some(({ nodeLabels }) => nodeLabels);
    const said = [silent ? nothingPublished(className, driver) : ready, supported(unsupportedPoolFields(pool))].filter(
      (item) => item !== undefined,
    );
    return {
      observedGeneration: generation,
      storageClassName: className,
      fencing: pool.spec.fencing ?? 'None',
      ...figures,
      conditions: say(said, pool.status?.conditions, generation, now()),
    };
  }
}

function existingClass(name: string, seen: StorageClassFacts | undefined): ClassState {
  if (seen === undefined) {
    return {
      className: '',
      ready: not(
        'StorageClassNotFound',
        `there is no StorageClass "${name}": create it, or make a pool with another one`,
      ),
    };
  }
  if (seen.bindingMode === 'Immediate') {
    const message = `StorageClass "${name}" makes volumes before their member has a node (volumeBindingMode Immediate), so they may be out of its reach: use a class with WaitForFirstConsumer`;
    return { className: name, ready: { type: 'Ready', status: 'True', reason: 'BindsImmediately', message } };
  }
  return {
    className: name,
    ready: { type: 'Ready', status: 'True', reason: 'Ready', message: `volumes are made with StorageClass ${name}` },
  };
}

function problemWith(desired: KubeObject, live: KubeObject, pool: StoragePool): ClassState | undefined {
  const { name } = desired.metadata;
  if (controllerOf(live)?.uid !== pool.metadata.uid) {
    const message = `StorageClass "${name}" exists and is not of this pool: name it in spec.storageClassName of a pool, or make this pool under another name`;
    return { className: '', ready: not('ForeignObject', message) };
  }
  const changed = FIXED_FIELDS.filter(
    (field) => differs(desired[field], live[field]) || differs(live[field], desired[field]),
  );
  if (changed.length === 0) return undefined;
  const message = `StorageClass "${name}" has another ${changed.join(' and ')}, which Kubernetes lets nobody change: set the pool back, or make a new pool`;
  return { className: name, ready: not('ClassCannotChange', message) };
}

/** kube-scheduler lets no pod with a new volume of the class through, and neither do we. */
function nothingPublished(className: string, driver: string): Said {
  const message = `driver ${driver} publishes capacity, and none for StorageClass ${className}: until it does no volume can be made; check the parameters of the class, and that the driver runs`;
  return not('NoCapacityPublished', message);
}

function not(reason: string, message: string): Said {
  return { type: 'Ready', status: 'False', reason, message };
}
