// AppBackups and their snapshots in memory, with a driver that makes snapshots ready one by one, and a controller that is killed at a
// write of the test's choice: before it arrives, or after it was done and before anybody hears of it.
import type { AppBackup, AppBackupStatus } from '../../src/api/app-backup.ts';
import { API_VERSION } from '../../src/api/group.ts';
import { parseAppBackup } from '../../src/api/parse.ts';
import type { PersistentApp } from '../../src/api/persistent-app.ts';
import type { KubeObject } from '../../src/core/app/plan.ts';
import type { BackupFacts } from '../../src/core/backup/backup-facts.ts';
import { planBackup } from '../../src/core/backup/plan-backup.ts';
import { readSnapshot } from '../../src/core/backup/read-snapshot.ts';
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
    ...parts,
  };
}

/** What a kill does: the process is gone. */
class Killed extends Error {}

export type Kill = { readonly at: number; readonly when: 'before' | 'after' } | undefined;

export class BackupWorld {
  readonly snapshots = new Map<string, KubeObject>();
  readonly app: PersistentApp | undefined;
  readonly claims: readonly ClaimFacts[];
  backup: AppBackup;
  writes = 0;
  /** Every snapshot that was ever made, by name: a second of the same name would be of another moment. */
  readonly made: string[] = [];
  #now = NOW;
  #kill: Kill;

  constructor(facts: BackupFacts, kill: Kill) {
    this.app = facts.app;
    this.claims = facts.claims;
    this.backup = facts.backup;
    this.#kill = kill;
  }

  facts(): BackupFacts {
    const snapshots = [...this.snapshots.values()].map(readSnapshot);
    return backupFacts({
      backup: this.backup,
      app: this.app,
      claims: this.claims,
      snapshots: new Map(snapshots.map((one): [string, SnapshotFacts] => [one.name, one])),
    });
  }

  /** Passes of the controller and turns of the driver until neither changes anything. */
  settle(): void {
    for (let turn = 0; turn < 40; turn += 1) {
      this.#now += 5;
      const before = JSON.stringify([this.backup, [...this.snapshots]]);
      const wasKilled = this.#pass();
      this.#drive();
      if (!wasKilled && JSON.stringify([this.backup, [...this.snapshots]]) === before) return;
    }
    throw new Error('it never comes to rest');
  }

  /** Answers whether it was killed. */
  #pass(): boolean {
    try {
      const { create, status } = planBackup(this.facts(), this.#now);
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
    if (this.snapshots.has(name)) return;
    this.made.push(name);
    this.snapshots.set(name, { ...object, metadata: { ...object.metadata, uid: `uid-${name}` } });
  }

  #setStatus(status: AppBackupStatus): void {
    this.backup = parseAppBackup(JSON.parse(JSON.stringify({ ...this.backup, status })));
  }

  /** One snapshot a turn becomes ready. */
  #drive(): void {
    const unready = [...this.snapshots.values()].find((object) => object['status'] === undefined);
    if (unready === undefined) return;
    this.snapshots.set(unready.metadata.name, { ...unready, status: { readyToUse: true, restoreSize: '1Gi' } });
  }
}
