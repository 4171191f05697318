import { existsSync } from 'node:fs';
import type { ArrayState } from './array-state.ts';
import { copyTogether } from './copy-volume.ts';
import { CsiError, required } from './csi-error.ts';
import type { CreateGroupRequest, GroupRequest } from './csi-messages.ts';
import { snapshotMessage } from './snapshot-service.ts';
import type { SnapshotRecord } from './snapshots.ts';

/** csi.v1.GroupController. A group has no record of its own: it is the snapshots that name it. */
export function groupControllerService(array: ArrayState) {
  return {
    GroupControllerGetCapabilities: async () => ({
      capabilities: [{ rpc: { type: 'CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT' } }],
    }),
    CreateVolumeGroupSnapshot: async (request: CreateGroupRequest) => groupMessage(await createGroup(array, request)),
    DeleteVolumeGroupSnapshot: async (request: GroupRequest) => {
      const members = membersOf(array, request);
      for (const { id } of members) await array.snapshots.delete(id);
      return {};
    },
    GetVolumeGroupSnapshot: async (request: GroupRequest) => {
      const members = membersOf(array, request);
      if (members.length === 0) throw new CsiError('NOT_FOUND', `the array has no group ${request.group_snapshot_id}`);
      return groupMessage(members);
    },
  };
}

function groupMessage(members: readonly SnapshotRecord[]) {
  const snapshots = members.map(snapshotMessage);
  const [first] = snapshots;
  return {
    group_snapshot: {
      group_snapshot_id: first?.group_snapshot_id ?? '',
      snapshots,
      creation_time: first?.creation_time,
      ready_to_use: true,
    },
  };
}

/** Throws INVALID_ARGUMENT for a list of snapshots that is not the group's; none at all for a group that is not there. */
function membersOf(array: ArrayState, request: GroupRequest): readonly SnapshotRecord[] {
  const group = required(request.group_snapshot_id, 'group_snapshot_id');
  const members = array.snapshots.list().filter((snapshot) => snapshot.group === group);
  const known = new Set(members.map(({ id }) => id));
  const stranger = request.snapshot_ids.find((id) => known.size > 0 && !known.has(id));
  if (stranger === undefined) return members;
  throw new CsiError('INVALID_ARGUMENT', `snapshot ${stranger} is not of group ${group}`);
}

/** What was begun before a kill is taken anew as a whole: half of it would be of another moment. */
async function createGroup(array: ArrayState, request: CreateGroupRequest): Promise<readonly SnapshotRecord[]> {
  const name = required(request.name, 'name');
  const sources = request.source_volume_ids.toSorted();
  if (sources.length === 0) throw new CsiError('INVALID_ARGUMENT', 'source_volume_ids is missing in the request');
  return array.lock.run(`group ${name}`, async () => {
    const { snapshots } = array;
    const group = snapshots.idOf(`group ${name}`).replace('snap-', 'group-');
    const known = snapshots.list().filter((snapshot) => snapshot.group === group);
    const stranger = known.find(({ volume }) => !sources.includes(volume));
    if (stranger !== undefined) throw new CsiError('ALREADY_EXISTS', `group ${name} exists, with ${stranger.volume}`);
    if (known.length === sources.length && known.every(({ id }) => existsSync(snapshots.image(id)))) return known;
    const wanted = sources.map((volume) => ({ volume, id: snapshots.idOf(`${name} ${volume}`) }));
    await copyTogether(
      array,
      wanted.map(({ volume, id }) => ({ volume, to: snapshots.image(id) })),
    );
    const createdAt = new Date().toISOString();
    const records = wanted.map(({ volume, id }) => {
      const { capacityBytes, fileSystem, fileSystemBytes } = array.volumes.get(volume);
      return { id, name: `${name} ${volume}`, volume, group, capacityBytes, fileSystem, fileSystemBytes, createdAt };
    });
    for (const record of records) snapshots.put(record);
    return records.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  });
}
