import { showBytes } from '../resources/show-amount.ts';
import { formatBytes, parseBytes } from '../resources/quantity.ts';
import type { BackupFacts } from './backup-facts.ts';
import { followGroup, groupMembers } from './follow-group.ts';
import type { SnapshotFacts } from './snapshot-facts.ts';
import type { CopyState, VolumeBackup } from './volume-backup.ts';

export interface Copy {
  readonly state: CopyState;
  readonly volume: VolumeBackup;
}

/** What has become of the snapshots of a backup that began, volume by volume. */
export function followSnapshots(facts: BackupFacts): readonly Copy[] {
  const { backup, snapshots } = facts;
  const { uid } = backup.metadata;
  const isOver = backup.status?.finishedAt !== undefined;
  const members = groupMembers(facts);
  return (backup.status?.volumes ?? []).map((volume) => {
    if (volume.group !== '') {
      const { state, found, message } = followGroup(volume, facts, members, isOver);
      return { state, volume: told({ ...volume, snapshot: found?.name ?? volume.snapshot }, state, found, message) };
    }
    const found = snapshots.get(volume.snapshot);
    const state = stateOf(found, uid, isOver || volume.readyToUse);
    return { state, volume: told(volume, state, found, words(volume, state, found)) };
  });
}

function stateOf(found: SnapshotFacts | undefined, uid: string, wasThere: boolean): CopyState {
  // A snapshot taken now would show another moment than its backup says.
  if (found === undefined) return wasThere ? 'gone' : 'missing';
  if (found.ownerUid !== uid) return 'foreign';
  if (found.deleting) return 'gone';
  if (found.readyToUse) return 'ready';
  return found.error === '' ? 'running' : 'failing';
}

function told(volume: VolumeBackup, state: CopyState, found: SnapshotFacts | undefined, message: string): VolumeBackup {
  const size = found === undefined || found.bytes === 0 ? volume.size : formatBytes(found.bytes);
  return { ...volume, size, readyToUse: state === 'ready', message: message.slice(0, 1024) };
}

function words({ snapshot }: VolumeBackup, state: CopyState, found: SnapshotFacts | undefined): string {
  const texts: Readonly<Record<CopyState, string>> = {
    missing: '',
    ready: '',
    running: 'the driver is making the snapshot',
    failing: found?.error ?? '',
    gone: `VolumeSnapshot ${snapshot} was deleted: nothing can be restored from it`,
    foreign: `VolumeSnapshot ${snapshot} exists and is not of this backup: remove it, or make a new backup`,
  };
  return texts[state];
}

/** What the ready volumes have together, as text; empty when nobody knows. */
export function sizeOf(volumes: readonly VolumeBackup[]): string {
  const bytes = volumes.reduce((sum, { size }) => sum + (size === '' ? 0 : parseBytes(size)), 0);
  return bytes === 0 ? '' : showBytes(bytes);
}

/** Members all of whose volumes are ready, of members. */
export function memberProgress(volumes: readonly VolumeBackup[]): string {
  const members = new Set(volumes.map(({ member }) => member));
  const unready = new Set(volumes.filter(({ readyToUse }) => !readyToUse).map(({ member }) => member));
  return `${members.size - unready.size}/${members.size}`;
}
