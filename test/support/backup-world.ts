// AppBackups and their snapshots in memory, with a driver that makes snapshots ready one by one, and a controller that is killed at a
// write of the test's choice: before it arrives, or after it was done and before anybody hears of it.
import type { AppBackup, AppBackupStatus } from '../../src/api/app-backup.ts';
import { API_VERSION } from '../../src/api/group.ts';
import { LABEL_BACKUP_GROUP } from '../../src/api/labels.ts';
import { parseAppBackup } from '../../src/api/parse.ts';
import type { PersistentApp } from '../../src/api/persistent-app.ts';
import type { KubeObject } from '../../src/core/app/plan.ts';
import type { BackupFacts } from '../../src/core/backup/backup-facts.ts';
import { planBackup } from '../../src/core/backup/plan-backup.ts';
import type { ClaimMark } from '../../src/core/backup/take-groups.ts';
import { readGroupSnapshot, readSnapshot } from '../../src/core/backup/read-snapshot.ts';
import type { SnapshotClassFacts, SnapshotFacts } from '../../src/core/backup/snapshot-facts.ts';
import type { ClaimFacts, VolumeFacts } from '../../src/core/facts/storage-facts.ts';
import { DATA, NOW, app, claim } from './app-builders.ts';

type Json = Readonly<Record<string, unknown>>;

export const DRIVER = 'csi.example.com';

/** Backup `monday` of app `db`. */
export function backup(
  parts: { readonly spec?: Json; readonly status?: Json; readonly metadata?: Json } = {},
): AppBackup {
  return parseAppBackup({
    apiVersion: API_VERSION,
    kind: 'AppBackup',
    metadata: { name: 'monday', namespace: 'prod', uid: 'b1b2b3b4-rest', generation: 1, ...parts.metadata },
    spec: { app: 'db', ...parts.spec },
    ...(parts.status === undefined ? {} : { status: parts.status }),
  });
}

export function snapshotClass(parts: Partial<SnapshotClassFacts> = {}): SnapshotClassFacts {
  return { name: 'snap', driver: DRIVER, deletionPolicy: 'Retain', isDefault: true, ...parts };
}

/** The volume that `claim` of app-builders is bound to. */
export function volumeOf({ name, namespace, uid, volumeName, bytes }: ClaimFacts): VolumeFacts {
  return {
    uid: `uid-${volumeName}`,
    name: volumeName,
    storageClassName: 'fast',
    driver: DRIVER,
    volumeHandle: volumeName,
    bytes,
    claim: { namespace, name, uid },
    reclaimPolicy: 'Retain',
    nodeTerms: undefined,
    phase: 'Bound',
  };
}

/** Two members with a volume each, bound; snapshots can be made. */
export function backupFacts(parts: Partial<BackupFacts> = {}): BackupFacts {
  const claims = parts.claims ?? ['data-db-0', 'data-db-1'].map((name) => claim({ name }));
  return {
    backup: backup(),
    app: app({ spec: { replicas: 2, volumeClaims: [DATA] } }),
    kinds: 'served',
    claims,
    volumes: new Map(claims.map((one) => [one.volumeName, volumeOf(one)])),
    pools: new Map(),
    classes: new Map([['snap', snapshotClass()]]),
    snapshots: new Map(),
    groups: new Map(),
    groupClasses: new Map(),
    ...parts,
  };
}

/** What a kill does: the process is gone. */
class Killed extends Error {}

export type Kill = { readonly at: number; readonly when: 'before' | 'after' } | undefined;

export class BackupWorld {
  readonly snapshots = new Map<string, KubeObject>();
  readonly app: PersistentApp | undefined;
  readonly groups = new Map<string, KubeObject>();
  claims: readonly ClaimFacts[];
  backup: AppBackup;
  writes = 0;
  /** Every snapshot that was ever made, by name: a second of the same name would be of another moment. */
  readonly made: string[] = [];
  #now = NOW;
  #kill: Kill;
  readonly #groupClasses: BackupFacts['groupClasses'];

  constructor(facts: BackupFacts, kill: Kill) {
    this.app = facts.app;
    this.claims = facts.claims;
    this.backup = facts.backup;
    this.#kill = kill;
    this.#groupClasses = facts.groupClasses;
  }

  facts(): BackupFacts {
    const snapshots = [...this.snapshots.values()].map(readSnapshot);
    return backupFacts({
      backup: this.backup,
      app: this.app,
      claims: this.claims,
      groupClasses: this.#groupClasses,
      groups: new Map([...this.groups.values()].map(readGroupSnapshot).map((one) => [one.name, one])),
      snapshots: new Map(snapshots.map((one): [string, SnapshotFacts] => [one.name, one])),
    });
  }

  /** Passes of the controller and turns of the driver until neither changes anything. */
  settle(): void {
    for (let turn = 0; turn < 40; turn += 1) {
      this.#now += 5;
      const before = this.#state();
      const wasKilled = this.#pass();
      this.#drive();
      if (!wasKilled && this.#state() === before) return;
    }
    throw new Error('it never comes to rest');
  }

  #state(): string {
    return JSON.stringify([this.backup, this.claims, [...this.snapshots], [...this.groups]]);
  }

  /** Answers whether it was killed. */
  #pass(): boolean {
    try {
      const { marks, create, status } = planBackup(this.facts(), this.#now);
      for (const mark of marks) this.#write(() => this.#mark(mark));
      for (const object of create) this.#write(() => this.#create(object));
      if (JSON.stringify(status) !== JSON.stringify(this.backup.status)) this.#write(() => this.#setStatus(status));
      return false;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      return true;
    }
  }

  #write(effect: () => void): void {
    this.writes += 1;
    const isHit = this.#kill?.at === this.writes;
    if (isHit && this.#kill?.when === 'before') throw new Killed();
    effect();
    if (isHit) throw new Killed();
  }

  #create(object: KubeObject): void {
    const { name } = object.metadata;
    const objects = object.kind === 'VolumeGroupSnapshot' ? this.groups : this.snapshots;
    if (objects.has(name)) return;
    this.made.push(name);
    objects.set(name, { ...object, metadata: { ...object.metadata, uid: `uid-${name}` } });
  }

  #setStatus(status: AppBackupStatus): void {
    this.backup = parseAppBackup(JSON.parse(JSON.stringify({ ...this.backup, status })));
  }

  /** Puts labels on a claim, as the controller would. */
  #mark({ name, group }: ClaimMark): void {
    this.claims = this.claims.map((one) => {
      if (one.name !== name) return one;
      const { [LABEL_BACKUP_GROUP]: _old, ...labels } = one.labels;
      return { ...one, labels: group === undefined ? labels : { ...labels, [LABEL_BACKUP_GROUP]: group } };
    });
  }

  /** The snapshot controller: makes a snapshot of each claim that a group selects by its labels, once. */
  #makeMembers(group: KubeObject): void {
    const { name, uid = '' } = group.metadata;
    const source = (group['spec'] as { readonly source: { readonly selector: { readonly matchLabels: Json } } }).source;
    const wanted = Object.entries(source.selector.matchLabels);
    const ofGroup = [{ apiVersion: 'groupsnapshot.storage.k8s.io/v1', kind: 'VolumeGroupSnapshot', name, uid }];
    for (const one of this.claims.filter(({ labels }) => wanted.every(([key, value]) => labels[key] === value))) {
      const snapshot = `snapshot-of-${one.name}-in-${uid}`;
      if (this.snapshots.has(snapshot)) continue;
      const metadata = { name: snapshot, namespace: 'prod', uid: `uid-${snapshot}`, ownerReferences: ofGroup };
      const spec = { source: { persistentVolumeClaimName: one.name } };
      this.snapshots.set(snapshot, {
        apiVersion: 'snapshot.storage.k8s.io/v1',
        kind: 'VolumeSnapshot',
        metadata,
        spec,
      });
    }
  }

  /** One snapshot a turn becomes ready. */
  #drive(): void {
    for (const group of this.groups.values()) this.#makeMembers(group);
    const unready = [...this.snapshots.values()].find((object) => object['status'] === undefined);
    if (unready === undefined) return;
    this.snapshots.set(unready.metadata.name, { ...unready, status: { readyToUse: true, restoreSize: '1Gi' } });
  }
}
