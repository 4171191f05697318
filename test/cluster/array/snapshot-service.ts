import { existsSync } from 'node:fs';
import type { ArrayState } from './array-state.ts';
import { copyQuietly } from './copy-volume.ts';
import { CsiError, required } from './csi-error.ts';
import type { CreateSnapshotRequest, ListSnapshotsRequest, SnapshotRequest } from './csi-messages.ts';
import { pageOf } from './page.ts';
import type { SnapshotRecord } from './snapshots.ts';

/** The snapshot calls of csi.v1.Controller. */
export function snapshotCalls(array: ArrayState) {
  return {
    CreateSnapshot: async (request: CreateSnapshotRequest) => ({
      snapshot: snapshotMessage(await createSnapshot(array, request)),
    }),
    DeleteSnapshot: async (request: SnapshotRequest) => {
      const id = required(request.snapshot_id, 'snapshot_id');
      const group = array.snapshots.find(id)?.group;
      if (group !== undefined) throw new CsiError('INVALID_ARGUMENT', `snapshot ${id} goes with its group ${group}`);
      await array.snapshots.delete(id);
      return {};
    },
    ListSnapshots: async (request: ListSnapshotsRequest) => {
      const { snapshot_id: id, source_volume_id: volume } = request;
      const chosen = array.snapshots
        .list()
        .filter((snapshot) => (id === '' || snapshot.id === id) && (volume === '' || snapshot.volume === volume));
      const page = pageOf(chosen, request);
      return {
        entries: page.items.map((record) => ({ snapshot: snapshotMessage(record) })),
        next_token: page.nextToken,
      };
    },
  };
}

export function snapshotMessage(record: SnapshotRecord) {
  const milliseconds = Date.parse(record.createdAt);
  return {
    snapshot_id: record.id,
    source_volume_id: record.volume,
    size_bytes: record.capacityBytes,
    creation_time: { seconds: Math.floor(milliseconds / 1000), nanos: (milliseconds % 1000) * 1e6 },
    ready_to_use: true,
    group_snapshot_id: record.group ?? '',
  };
}

async function createSnapshot(array: ArrayState, request: CreateSnapshotRequest): Promise<SnapshotRecord> {
  const name = required(request.name, 'name');
  const source = required(request.source_volume_id, 'source_volume_id');
  return array.lock.run(`snapshot ${name}`, async () => {
    const id = array.snapshots.idOf(name);
    const known = array.snapshots.find(id);
    if (known !== undefined && known.volume !== source) {
      throw new CsiError('ALREADY_EXISTS', `snapshot ${name} exists, of volume ${known.volume}`);
    }
    if (known !== undefined && existsSync(array.snapshots.image(id))) return known;
    const { capacityBytes, fileSystem, fileSystemBytes } = await copyQuietly(array, source, array.snapshots.image(id));
    const createdAt = new Date().toISOString();
    const record = { id, name, volume: source, capacityBytes, fileSystem, fileSystemBytes, createdAt };
    array.snapshots.put(record);
    return record;
  });
}
