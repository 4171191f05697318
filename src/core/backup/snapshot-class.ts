import type { StoragePool } from '../../api/storage-pool.ts';
import type { VolumeClaim } from '../../api/volume-claim.ts';
import type { BackupProblem } from './backup-facts.ts';
import type { SnapshotClassFacts } from './snapshot-facts.ts';

interface Choice {
  readonly volume: VolumeClaim;
  /** What makes the volume. */
  readonly driver: string;
  /** The class that the backup or the app asks for; undefined: neither says. */
  readonly asked: string | undefined;
  readonly pools: ReadonlyMap<string, StoragePool>;
  readonly classes: ReadonlyMap<string, SnapshotClassFacts>;
}

/**
 * With which VolumeSnapshotClass a volume is copied: the one that the backup or its app names, else the pool's, else the cluster's default
 * for the driver. A class of another driver would never become a snapshot, so it is refused with both names.
 */
export function snapshotClassOf(choice: Choice): { readonly className: string } | BackupProblem {
  const { volume, driver, asked, pools, classes } = choice;
  const ofPool = pools.get(volume.pool ?? '')?.status?.snapshotClassName ?? '';
  const name = asked ?? (ofPool || defaultClass(driver, classes));
  if (name === undefined) {
    const where = volume.pool === undefined ? '' : `StoragePool "${volume.pool}" has no snapshot class, and `;
    return problem(
      'NoSnapshotClass',
      `${where}there is not exactly one default VolumeSnapshotClass of driver ${driver}, which volume ${volume.name} is of: set snapshotClassName, or spec.snapshots.enabled of the pool`,
    );
  }
  const found = classes.get(name);
  if (found === undefined) {
    return problem(
      'SnapshotClassNotFound',
      `there is no VolumeSnapshotClass "${name}" for volume ${volume.name}: create it, or name another one`,
    );
  }
  if (found.driver === driver) return { className: name };
  return problem(
    'SnapshotClassOfOtherDriver',
    `VolumeSnapshotClass "${name}" is of driver ${found.driver}, and volume ${volume.name} is of driver ${driver}: name a class of that driver, or none`,
  );
}

function defaultClass(driver: string, classes: ReadonlyMap<string, SnapshotClassFacts>): string | undefined {
  const found = [...classes.values()].filter((one) => one.isDefault && one.driver === driver);
  return found.length === 1 ? found[0]?.name : undefined;
}

function problem(reason: string, message: string): BackupProblem {
  return { reason, message, final: true };
}
