import type { BackupFacts } from './backup-facts.ts';
import type { VolumeBackup } from './volume-backup.ts';
import type { SnapshotClassFacts } from './snapshot-facts.ts';

/**
 * The volumes of each member that has several become one group, where the driver of all of them has a VolumeGroupSnapshotClass that keeps
 * copies as long as their own classes do. Others are left as they are.
 */
export function inGroups(chosen: readonly VolumeBackup[], facts: BackupFacts): readonly VolumeBackup[] {
  return [...Map.groupBy(chosen, ({ member }) => member)].flatMap(([member, volumes]) => {
    const className = groupClassOf(volumes, facts);
    if (className === undefined) return volumes;
    const group = `${member}-${facts.backup.metadata.uid.slice(0, 8)}`;
    return volumes.map((volume) => ({ ...volume, group, snapshot: '', snapshotClassName: className }));
  });
}

function groupClassOf(volumes: readonly VolumeBackup[], facts: BackupFacts): string | undefined {
  if (volumes.length === 1) return undefined;
  const own = volumes.map(({ snapshotClassName }) => facts.classes.get(snapshotClassName));
  const [first] = own;
  if (first === undefined || own.some((one) => one === undefined || !isLike(one, first))) return undefined;
  const fitting = [...facts.groupClasses.values()].filter((one) => isLike(one, first));
  const defaults = fitting.filter(({ isDefault }) => isDefault);
  const [only, another] = defaults.length > 0 ? defaults : fitting;
  return another === undefined ? only?.name : undefined;
}

/** A copy that was to be kept (Retain) must not go with its group because that was taken with another class. */
function isLike(one: SnapshotClassFacts, other: SnapshotClassFacts): boolean {
  return one.driver === other.driver && one.deletionPolicy === other.deletionPolicy;
}

/** Group: the volumes of every member that has several are of one moment. */
export function consistencyOf(volumes: readonly VolumeBackup[]): 'Group' | 'Crash' {
  const members = [...Map.groupBy(volumes, ({ member }) => member).values()].filter(({ length }) => length > 1);
  const isGroup = members.length > 0 && members.every((own) => own.every(({ group }) => group !== ''));
  return isGroup ? 'Group' : 'Crash';
}
