import type { AppBackup } from '../../api/app-backup.ts';
import { claimName } from '../app/claim-name.ts';
import { memberName, ordinalOf } from '../app/member-name.ts';
import type { BackupProblem } from './backup-facts.ts';
import type { VolumeBackup } from './volume-backup.ts';
import type { NewClaim } from './new-claim.ts';

/** The copy that a backup has for a member's new volume; or why it has none that can be used, with what it has. */
export function copyOf(wanted: NewClaim, name: string, backup: AppBackup | undefined): VolumeBackup | BackupProblem {
  if (backup === undefined || backup.metadata.deletionTimestamp !== undefined) {
    const message = `there is no AppBackup "${name}" in this namespace, and volume ${wanted.volume.name} is to be filled from it: name another one, or remove dataSourceRef for empty volumes`;
    return { reason: 'BackupNotFound', message, final: true };
  }
  const { status, spec } = backup;
  if (status?.finishedAt === undefined) return notReady(backup);
  const { volumes } = status;
  const member = spec.member ?? memberName(spec.app, wanted.ordinal);
  const ordinal = ordinalOf(spec.app, member) ?? wanted.ordinal;
  // A backup of one member has one copy of each volume: there is no member but the first that it could be for.
  const isOther = spec.member !== undefined && wanted.ordinal > 0;
  const copy = volumes.find(({ claim }) => claim === claimName(wanted.volume.name, spec.app, ordinal));
  if (copy === undefined || isOther) return unfit(wanted, backup, volumes);
  return copy;
}

function notReady({ metadata, status }: AppBackup): BackupProblem {
  const progress = status?.progress === undefined || status.progress === '' ? '' : `: ${status.progress} members`;
  return { reason: 'BackupNotReady', message: `AppBackup ${metadata.name} is not ready yet${progress}`, final: false };
}

function unfit(
  { volume, app, ordinal }: NewClaim,
  { metadata, spec }: AppBackup,
  volumes: readonly VolumeBackup[],
): BackupProblem {
  const members = [...new Set(volumes.map(({ member }) => member))];
  const names = [...new Set(volumes.map(({ claim, member }) => claim.slice(0, -member.length - 1)))];
  const hasVolume = names.includes(volume.name);
  const message = hasVolume
    ? `AppBackup ${metadata.name} of app ${spec.app} has ${members.length} ${members.length === 1 ? 'member' : 'members'} (${shortList(members)}), and ${memberName(app, ordinal)} would be one more: ask for ${members.length} replicas, or remove dataSourceRef once these run, for members with empty volumes`
    : `AppBackup ${metadata.name} of app ${spec.app} has no volume ${volume.name}: it has ${shortList(names)}; name the volumes as they are in the backup`;
  return { reason: 'BackupUnfit', message, final: true };
}

function shortList(names: readonly string[]): string {
  return names.length <= 4 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
