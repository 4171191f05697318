import type { AppOperationSpec } from '../../api/app-operation.ts';
import { move } from './move.ts';
import type { OperationType } from './operation-type.ts';
import { park, resume } from './park.ts';
import { rebuild } from './rebuild.ts';
import { refused } from './refused.ts';
import { restart } from './restart.ts';
import { snapshot } from './snapshot.ts';

/** Every type of operation, one line each. */
export const OPERATIONS: Readonly<Record<AppOperationSpec['type'], OperationType>> = {
  Restart: restart,
  Move: move,
  Rebuild: rebuild,
  Snapshot: snapshot,
  Restore: refused(
    'not done in place, since that would overwrite data: make a new PersistentApp whose volumeClaims have a dataSourceRef to the VolumeSnapshot of each volume, check it, and let clients use that one',
  ),
  MigrateStorage: refused(
    'not done by Proffer: make a second PersistentApp in the other pool, let the software copy its data there (replication, or dump and load), and delete the first one; a member alone moves to a new volume of the same pool with type Rebuild',
  ),
  Park: park,
  Resume: resume,
};
