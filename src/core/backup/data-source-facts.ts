import type { AppBackup } from '../../api/app-backup.ts';
import type { ClaimFacts } from '../facts/storage-facts.ts';
import type { SnapshotFacts, SnapshotKinds } from './snapshot-facts.ts';

/** What the volumes of an app may be filled from, of its namespace. Maps are by name. */
export interface DataSourceFacts {
  readonly kinds: SnapshotKinds;
  readonly backups: ReadonlyMap<string, AppBackup>;
  readonly snapshots: ReadonlyMap<string, SnapshotFacts>;
  readonly claims: ReadonlyMap<string, ClaimFacts>;
}
