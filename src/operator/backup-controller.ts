import type { AppBackup } from '../api/app-backup.ts';
import { LABEL_BACKUP_GROUP } from '../api/labels.ts';
import { parseAppBackup } from '../api/parse.ts';
import type { BackupFacts } from '../core/backup/backup-facts.ts';
import { type BackupPlan, planBackup } from '../core/backup/plan-backup.ts';
import type { ClaimMark } from '../core/backup/take-groups.ts';
import type { KubeObject } from '../core/app/plan.ts';
import { classify, retryAfterOf } from '../kube/errors.ts';
import { objectKey } from '../kube/kube-object.ts';
import { PERSISTENT_VOLUME_CLAIM } from '../kube/resource-type.ts';
import type { WorkResult } from '../kube/work-queue.ts';
import type { Writer } from '../kube/writer.ts';
import type { SnapshotWatch } from './backup-snapshots.ts';
import { BY_APP, type Stores } from './caches.ts';
import { say } from './say.ts';
import type { StatusWriter } from './status-writer.ts';

export interface BackupControllerOptions {
  readonly stores: Pick<Stores, 'appBackups' | 'apps' | 'claims' | 'volumes' | 'pools'>;
  readonly snapshots: Pick<SnapshotWatch, 'kinds' | 'in' | 'classes' | 'groupsIn' | 'groupClasses'>;
  readonly writer: Pick<Writer, 'create' | 'patchMetadata'>;
  readonly statuses: Pick<StatusWriter, 'write' | 'latest' | 'forget'>;
  /** Epoch seconds. */
  readonly now: () => number;
}

/** What the API server refuses is tried again this seldom. */
const REFUSED_SECONDS = 60;

/** Takes the snapshots of AppBackups, and keeps their status. */
export class BackupController {
  readonly #options: BackupControllerOptions;

  constructor(options: BackupControllerOptions) {
    this.#options = options;
  }

  /** `key`: namespace/name. Throws what is worth a retry. */
  async reconcile(key: string): Promise<WorkResult> {
    const { stores, statuses, now } = this.#options;
    const found = stores.appBackups.get(key);
    if (found === undefined) {
      statuses.forget('AppBackup', key);
      return {};
    }
    // Its snapshots are garbage collection's.
    if (found.metadata.deletionTimestamp !== undefined) return {};
    const backup = statuses.latest(found);
    const plan = planBackup(this.#observe(backup), now());
    await this.#mark(plan.marks);
    const refusal = await this.#create(plan.create);
    await statuses.write(backup, withRefusal(backup, plan, refusal, now()), parseAppBackup);
    return { wakeAfterSeconds: refusal === undefined ? plan.wakeAfterSeconds : REFUSED_SECONDS };
  }

  #observe(backup: AppBackup): BackupFacts {
    const { stores, snapshots } = this.#options;
    const { namespace } = backup.metadata;
    const key = objectKey(namespace, backup.spec.app);
    const claims = stores.claims.byIndex(BY_APP, key);
    const volumes = claims.flatMap(({ volumeName }) => stores.volumes.get(volumeName) ?? []);
    return {
      backup,
      app: stores.apps.get(key),
      kinds: snapshots.kinds(),
      claims,
      volumes: new Map(volumes.map((volume) => [volume.name, volume])),
      pools: new Map(stores.pools.list().map((pool) => [pool.metadata.name, pool])),
      classes: new Map(snapshots.classes.list().map((one) => [one.name, one])),
      snapshots: snapshots.in(namespace),
      groups: snapshots.groupsIn(namespace),
      groupClasses: new Map(snapshots.groupClasses.list().map((one) => [one.name, one])),
    };
  }

  /** A claim that was replaced meanwhile is a conflict, which the next look at it settles. */
  async #mark(marks: readonly ClaimMark[]): Promise<void> {
    for (const { namespace, name, uid, group } of marks) {
      const labels = { [LABEL_BACKUP_GROUP]: group ?? null };
      await this.#options.writer.patchMetadata(PERSISTENT_VOLUME_CLAIM, namespace, name, { labels }, { uid });
    }
  }

  /** One that exists already is our own earlier try, or somebody else's: the next look at it tells. */
  async #create(objects: readonly KubeObject[]): Promise<string | undefined> {
    for (const object of objects) {
      try {
        await this.#options.writer.create(object);
      } catch (error) {
        const kind = classify(error);
        if (kind === 'alreadyExists') continue;
        if (kind !== 'terminal' || retryAfterOf(error) !== undefined) throw error;
        return `the API server refused ${object.kind} ${object.metadata.name}: ${error instanceof Error ? error.message : String(error)}`;
      }
    }
    return undefined;
  }
}

function withRefusal(backup: AppBackup, plan: BackupPlan, refusal: string | undefined, now: number) {
  if (refusal === undefined) return plan.status;
  const said = { type: 'Ready', status: 'False', reason: 'WriteRefused', message: refusal } as const;
  const both = [said, { ...said, type: 'Stalled', status: 'True' } as const];
  return { ...plan.status, conditions: say(both, backup.status?.conditions, backup.metadata.generation, now) };
}
