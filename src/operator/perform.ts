import type { AppRef } from '../core/allocator/demand.ts';
import type { Action, KubeObject } from '../core/app/plan.ts';
import { controllerOf, readString } from '../core/app/read-field.ts';
import { classify } from '../kube/errors.ts';
import { objectKey, type KubeObject as LiveObject } from '../kube/kube-object.ts';
import { POD, typeOf } from '../kube/resource-type.ts';
import type { Writer } from '../kube/writer.ts';
import { ApplyMemory } from './apply-memory.ts';
import type { BackupActions } from './backup-actions.ts';
import type { Log } from './log.ts';
import type { OperatorMetrics } from './metrics.ts';
import { NotOursError } from './not-ours-error.ts';
import type { OperationActions } from './operation-actions.ts';
import type { OperationVolumes } from './operation-volumes.ts';
import type { RecoveryActions } from './recovery-actions.ts';
import type { VolumeActions } from './volume-actions.ts';

/** What a plan may ask to delete besides pods: things that can be made again from the app alone. Never a claim, a volume or a workload. */
const DELETABLE = new Set(['Service', 'PodDisruptionBudget']);

type Doing<Kind extends Action['kind']> = Extract<Action, { kind: Kind }>;

type RecoveryAction = Doing<'forceDeletePod' | 'declareOutOfService' | 'deleteAttachment' | 'askFencing'>;

type VolumeAction = Doing<
  | 'changeClaim'
  | 'orphanPods'
  | 'create'
  | 'removeClaim'
  | 'deleteBackup'
  | 'holdApp'
  | 'markVolume'
  | 'releaseClaim'
  | 'rereferVolume'
>;

export interface PerformerOptions {
  readonly writer: Pick<Writer, 'apply' | 'delete' | 'evict' | 'get' | 'patchMetadata'>;
  /** The object as the cache shows it: what is ours and what is in our way. */
  readonly cached: (kind: string, key: string) => KubeObject | undefined;
  readonly recovery: Pick<
    RecoveryActions,
    'forceDeletePod' | 'declareOutOfService' | 'deleteAttachment' | 'askFencing'
  >;
  readonly backups: Pick<BackupActions, 'create' | 'removeClaim' | 'deleteBackup' | 'holdApp'>;
  readonly volumes: Pick<VolumeActions, 'changeClaim' | 'orphanPods'>;
  readonly operations: Pick<OperationActions, 'suspend' | 'deleteOperation'>;
  readonly keeping: Pick<OperationVolumes, 'markVolume' | 'releaseClaim' | 'rereferVolume'>;
  readonly metrics: Pick<OperatorMetrics, 'skipped'>;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

/** Carries out the actions of a plan. Everything it writes is idempotent; whatever destroys reads the live object first. */
export class Performer {
  readonly #memory = new ApplyMemory();
  readonly #explained = new Set<string>();
  readonly #options: PerformerOptions;

  constructor(options: PerformerOptions) {
    this.#options = options;
  }

  /** Throws what the API server answered (KubeError), NotLeaderError, or NotOursError; done already counts as done. */
  async perform(app: AppRef, action: Action): Promise<void> {
    switch (action.kind) {
      case 'apply':
        return this.#apply(app, action);
      case 'mark':
        return this.#mark(action);
      case 'deletePod':
        return this.#deletePod(app, action);
      case 'deleteOwned':
        return this.#deleteOwned(app, action);
      case 'suspend':
        return this.#options.operations.suspend(action);
      case 'deleteOperation':
        return this.#options.operations.deleteOperation(action);
      case 'forceDeletePod':
      case 'declareOutOfService':
      case 'deleteAttachment':
      case 'askFencing':
        return this.#performRecovery(app, action);
      default:
        return this.#performOnVolumes(app, action);
    }
  }

  async #performRecovery(app: AppRef, action: RecoveryAction): Promise<void> {
    const { recovery } = this.#options;
    switch (action.kind) {
      case 'forceDeletePod':
        return recovery.forceDeletePod(app, action);
      case 'declareOutOfService':
        return recovery.declareOutOfService(action);
      case 'deleteAttachment':
        return recovery.deleteAttachment(action);
      case 'askFencing':
        return recovery.askFencing(action);
    }
  }

  /** What grows, fills, keeps or removes volumes. */
  async #performOnVolumes(app: AppRef, action: VolumeAction): Promise<void> {
    const { backups, keeping, volumes } = this.#options;
    switch (action.kind) {
      case 'changeClaim':
        return volumes.changeClaim(action);
      case 'orphanPods':
        return volumes.orphanPods(app, action);
      case 'create':
        return backups.create(app, action);
      case 'removeClaim':
        return backups.removeClaim(app, action);
      case 'deleteBackup':
        return backups.deleteBackup(app, action);
      case 'holdApp':
        return backups.holdApp(app, action);
      case 'markVolume':
        return keeping.markVolume(action);
      case 'releaseClaim':
        return keeping.releaseClaim(action);
      case 'rereferVolume':
        return keeping.rereferVolume(action);
    }
  }

  /** The app of this key (namespace/name) is gone: what was remembered of its children goes too. */
  forget(appKey: string): void {
    for (const kind of ['Service', 'StatefulSet', 'PodDisruptionBudget']) {
      this.#memory.forget(`${kind} ${appKey}`);
      this.#explained.delete(`${kind} ${appKey}`);
    }
  }

  async #apply(app: AppRef, { object: desired, isLive = false }: Doing<'apply'>): Promise<void> {
    const { writer, cached, metrics } = this.#options;
    const { namespace, name } = desired.metadata;
    const key = `${desired.kind} ${objectKey(namespace, name)}`;
    const seen = isLive ? undefined : cached(desired.kind, objectKey(namespace, name));
    // A new name is looked up live: the cache may be behind, and an apply would silently take over what somebody else made. And what was
    // somebody else's may be gone, as the StatefulSet that is being adopted.
    const isOurs = seen !== undefined && belongsTo(seen, app);
    const live = isOurs ? seen : await writer.get(typeOf(desired.apiVersion, desired.kind), namespace, name);
    if (live === undefined && isLive) return;
    if (live !== undefined && !belongsTo(live, app)) {
      throw new NotOursError(
        `${key} exists and is not controlled by this app: rename the app, or remove the other object`,
      );
    }
    const verdict = this.#memory.judge(key, desired, live);
    if (verdict !== 'apply') {
      metrics.skipped(desired.kind);
      if (verdict === 'stored otherwise') this.#explainOnce(key);
      return;
    }
    // Without a live one it must not exist, so nothing is forced.
    const sent = live === undefined ? desired : onto(live, desired, isLive);
    const answer = await writer.apply(sent, { force: live !== undefined });
    this.#memory.remember(key, desired, answer);
    this.#explained.delete(key);
  }

  async #mark({ target, labels, annotations, unlessAnnotated }: Doing<'mark'>): Promise<void> {
    const { writer } = this.#options;
    const { namespace, name, uid } = target;
    const type = typeOf(target.apiVersion, target.kind);
    const live = unlessAnnotated === undefined ? undefined : await writer.get(type, namespace, name);
    if (unlessAnnotated !== undefined && readString(live, 'metadata', 'annotations', unlessAnnotated) !== '') return;
    const guard = { uid, resourceVersion: live?.metadata.resourceVersion };
    await goneIsDone(writer.patchMetadata(type, namespace, name, { labels, annotations }, guard));
  }

  async #deletePod(app: AppRef, action: Doing<'deletePod'>): Promise<void> {
    const { namespace, name, uid, why } = action;
    const { writer, cached, log } = this.#options;
    const live = await writer.get(POD, namespace, name);
    if (live === undefined || live.metadata.uid !== uid) return;
    const owner = cached('StatefulSet', objectKey(namespace, app.name));
    const controller = controllerOf(live as KubeObject);
    if (owner === undefined || !belongsTo(owner, app) || controller?.uid !== owner.metadata.uid) {
      throw new NotOursError(
        `pod ${namespace}/${name} is not controlled by this app's StatefulSet, so it is not deleted`,
      );
    }
    if (action.evict === true) return this.#evict(app, action);
    log.info({ namespace, app: app.name, pod: name, why }, 'deleting a pod');
    await goneIsDone(writer.delete(POD, namespace, name, { uid, resourceVersion: live.metadata.resourceVersion }));
  }

  /** A disruption budget that refuses is no error: the plan asks again. */
  async #evict({ name: app }: AppRef, action: Doing<'deletePod'>): Promise<void> {
    const { namespace, name, uid, why } = action;
    const { writer, log } = this.#options;
    try {
      await goneIsDone(writer.evict(namespace, name, { uid }));
      log.info({ namespace, app, pod: name, why }, 'evicted a pod');
    } catch (error) {
      if (classify(error) !== 'throttled') throw error;
      log.info({ namespace, app, pod: name, why, err: error }, 'a disruption budget keeps the pod for now');
    }
  }

  async #deleteOwned(app: AppRef, action: Doing<'deleteOwned'>): Promise<void> {
    const { writer } = this.#options;
    const { apiVersion, objectKind, namespace, name, uid } = action;
    if (!DELETABLE.has(objectKind))
      throw new NotOursError(`${objectKind} ${namespace}/${name} is never deleted by Proffer`);
    const type = typeOf(apiVersion, objectKind);
    const live = await writer.get(type, namespace, name);
    if (live === undefined || live.metadata.uid !== uid) return;
    if (!belongsTo(live, app)) {
      throw new NotOursError(`${objectKind} ${namespace}/${name} is not controlled by this app, so it is not deleted`);
    }
    await goneIsDone(
      writer.delete(type, namespace, name, {
        uid,
        resourceVersion: live.metadata.resourceVersion,
        propagation: 'Background',
      }),
    );
    this.#memory.forget(`${objectKind} ${objectKey(namespace, name)}`);
  }

  #explainOnce(key: string): void {
    if (this.#explained.has(key)) return;
    this.#explained.add(key);
    this.#options.log.warn({ object: key }, 'the API server stores a field otherwise than we write it; left as it is');
  }
}

/** The UID makes the API server refuse when the object was replaced meanwhile, and the version when anything of it was changed. */
function onto({ metadata }: KubeObject | LiveObject, desired: KubeObject, isLive: boolean): LiveObject {
  const { uid, resourceVersion } = metadata;
  return { ...desired, metadata: { ...desired.metadata, uid, ...(isLive ? { resourceVersion } : {}) } };
}

function belongsTo(object: KubeObject | LiveObject, app: AppRef): boolean {
  return controllerOf(object as KubeObject)?.uid === app.uid;
}

/** What is gone already needs no mark and no deletion. */
async function goneIsDone(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (classify(error) !== 'notFound') throw error;
  }
}
