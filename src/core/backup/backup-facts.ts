import type { AppBackup } from '../../api/app-backup.ts';
import type { PersistentApp } from '../../api/persistent-app.ts';
import type { StoragePool } from '../../api/storage-pool.ts';
import type { ClaimFacts, VolumeFacts } from '../facts/storage-facts.ts';
import type { GroupSnapshotFacts, SnapshotClassFacts, SnapshotFacts, SnapshotKinds } from './snapshot-facts.ts';

/** Everything that a backup looks at, read from caches at one moment. Maps are by name. */
export interface BackupFacts {
  readonly backup: AppBackup;
  /** Undefined when there is none of that name. */
  readonly app: PersistentApp | undefined;
  readonly kinds: SnapshotKinds;
  /** Of the app, retired ones included. */
  readonly claims: readonly ClaimFacts[];
  /** The volumes of those claims. */
  readonly volumes: ReadonlyMap<string, VolumeFacts>;
  readonly pools: ReadonlyMap<string, StoragePool>;
  readonly classes: ReadonlyMap<string, SnapshotClassFacts>;
  /** Of the backup's namespace. */
  readonly snapshots: ReadonlyMap<string, SnapshotFacts>;
  /** Of the backup's namespace; empty where the cluster has no such kind. */
  readonly groups: ReadonlyMap<string, GroupSnapshotFacts>;
  /** VolumeGroupSnapshotClasses; empty where the cluster has no such kind. */
  readonly groupClasses: ReadonlyMap<string, SnapshotClassFacts>;
}

/** Why something about a backup cannot be done now. `final`: not before a person changes something. */
export interface BackupProblem {
  readonly reason: string;
  readonly message: string;
  readonly final: boolean;
}
