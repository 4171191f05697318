import type { BackupFacts } from './backup-facts.ts';
import type { GroupSnapshotFacts, SnapshotFacts } from './snapshot-facts.ts';
import type { CopyState, VolumeBackup } from './volume-backup.ts';

type Followed = { readonly state: CopyState; readonly found: SnapshotFacts | undefined; readonly message: string };

/**
 * Where the copy of a volume stands that is part of a group. Its VolumeSnapshot is made by the snapshot controller, under a name of its
 * own: it is the one of this claim that this group owns. `isOver`: the backup has ended.
 */
export function followGroup(
  volume: VolumeBackup,
  facts: BackupFacts,
  members: GroupMembers,
  isOver: boolean,
): Followed {
  const group = facts.groups.get(volume.group);
  const wasThere = isOver || volume.readyToUse;
  const trouble = groupTrouble(volume, group, facts, wasThere);
  if (group === undefined || trouble !== undefined) return { found: undefined, ...(trouble ?? MISSING) };
  const found = members.get(keyOf(group.uid, volume.claim));
  if (found === undefined) return { found, ...withoutSnapshot(volume, group, wasThere) };
  if (found.deleting) return { found: undefined, ...gone(`VolumeSnapshot ${found.name}`) };
  if (found.readyToUse) return { found, state: 'ready', message: '' };
  return { found, ...working(found.error || group.error, volume) };
}

/** Snapshots that groups made, by `keyOf` the group and the claim. */
export type GroupMembers = ReadonlyMap<string, SnapshotFacts>;

export function groupMembers({ snapshots }: BackupFacts): GroupMembers {
  return new Map(
    [...snapshots.values()].flatMap((one) => (one.group === undefined ? [] : [[keyOf(one.group.uid, one.claim), one]])),
  );
}

function keyOf(groupUid: string, claim: string): string {
  return `${groupUid} ${claim}`;
}

type Told = Omit<Followed, 'found'>;

const MISSING: Told = { state: 'missing', message: '' };

function groupTrouble(
  volume: VolumeBackup,
  group: GroupSnapshotFacts | undefined,
  { backup, claims }: BackupFacts,
  wasThere: boolean,
): Told | undefined {
  const name = `VolumeGroupSnapshot ${volume.group}`;
  if (group === undefined && wasThere) return gone(name);
  if (group === undefined) return claims.some((claim) => claim.name === volume.claim) ? MISSING : CLAIM_GONE;
  if (group.ownerUid !== backup.metadata.uid) {
    return { state: 'foreign', message: `${name} exists and is not of this backup: remove it, or make a new backup` };
  }
  return group.deleting ? gone(name) : undefined;
}

const CLAIM_GONE: Told = {
  state: 'gone',
  message: 'the claim was deleted before it was copied: make a new backup of what is left',
};

function withoutSnapshot(volume: VolumeBackup, group: GroupSnapshotFacts, wasThere: boolean): Told {
  if (wasThere) return gone(`VolumeSnapshot ${volume.snapshot}`);
  return working(group.error, volume);
}

function working(error: string, { snapshotClassName }: VolumeBackup): Told {
  if (error === '') return { state: 'running', message: 'the driver is making the snapshots of the group' };
  const way = `if the driver cannot copy groups, delete VolumeGroupSnapshotClass ${snapshotClassName} and make a new backup`;
  return { state: 'failing', message: `${error} (${way})` };
}

function gone(what: string): Told {
  return { state: 'gone', message: `${what} was deleted: nothing can be restored from it` };
}
