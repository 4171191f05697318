import { type ArrayState, stagesOf } from './array-state.ts';
import { checkCapabilities, unsupported } from './capability.ts';
import { checkAttributes } from './volume-attributes.ts';
import { createVolume, poolOf } from './create-volume.ts';
import { CsiError, required } from './csi-error.ts';
import type {
  CapacityRequest,
  CreateVolumeRequest,
  ExpandRequest,
  ModifyRequest,
  PageRequest,
  PublishRequest,
  ValidateRequest,
  VolumeMessage,
  VolumeRequest,
} from './csi-messages.ts';
import { MINIMUM_BYTES } from './file-system.ts';
import { pageOf } from './page.ts';
import { attachVolume, detachVolume } from './attach-volume.ts';
import { maximumVolumeBytes } from './pools.ts';
import { snapshotCalls } from './snapshot-service.ts';
import { accessibleFrom, segmentAt } from './topology.ts';
import { checkMaximum, sizeOf } from './volume-size.ts';
import type { VolumeRecord } from './volumes.ts';

const CAPABILITIES = [
  'CREATE_DELETE_VOLUME',
  'PUBLISH_UNPUBLISH_VOLUME',
  'LIST_VOLUMES',
  'LIST_VOLUMES_PUBLISHED_NODES',
  'GET_CAPACITY',
  'CREATE_DELETE_SNAPSHOT',
  'LIST_SNAPSHOTS',
  'CLONE_VOLUME',
  'EXPAND_VOLUME',
  'MODIFY_VOLUME',
  'GET_VOLUME',
  'VOLUME_CONDITION',
  'SINGLE_NODE_MULTI_WRITER',
];

/** csi.v1.Controller. */
export function controllerService(array: ArrayState) {
  return {
    ControllerGetCapabilities: async () => ({ capabilities: CAPABILITIES.map((type) => ({ rpc: { type } })) }),
    CreateVolume: async (request: CreateVolumeRequest) => ({ volume: message(await createVolume(array, request)) }),
    DeleteVolume: (request: VolumeRequest) => deleteVolume(array, request),
    ControllerPublishVolume: async (request: PublishRequest) => {
      const volume = required(request.volume_id, 'volume_id');
      const node = required(request.node_id, 'node_id');
      checkCapabilities([request.volume_capability]);
      const { generation } = await attachVolume(array, volume, node);
      return { publish_context: { generation: String(generation) } };
    },
    ControllerUnpublishVolume: async (request: PublishRequest) => {
      await detachVolume(array, required(request.volume_id, 'volume_id'), request.node_id);
      return {};
    },
    ValidateVolumeCapabilities: (request: ValidateRequest) => validate(array, request),
    ListVolumes: async (request: PageRequest) => {
      const sorted = [...array.volumes.list()].sort((a, b) => (a.id < b.id ? -1 : 1));
      const page = pageOf(sorted, request);
      return { entries: page.items.map((record) => withStatus(array, record)), next_token: page.nextToken };
    },
    ControllerGetVolume: async (request: VolumeRequest) =>
      withStatus(array, array.volumes.get(required(request.volume_id, 'volume_id'))),
    GetCapacity: async (request: CapacityRequest) => capacity(array, request),
    ControllerExpandVolume: (request: ExpandRequest) => expand(array, request),
    ControllerModifyVolume: async (request: ModifyRequest) => {
      array.volumes.get(required(request.volume_id, 'volume_id'));
      checkAttributes(request.mutable_parameters);
      return {};
    },
    ...snapshotCalls(array),
  };
}

function message(record: VolumeRecord): VolumeMessage {
  const { source } = record;
  return {
    volume_id: record.id,
    capacity_bytes: record.capacityBytes,
    accessible_topology: accessibleFrom(record.scope, record.segment),
    ...(source === undefined ? {} : { content_source: contentSource(source) }),
  };
}

function contentSource(source: NonNullable<VolumeRecord['source']>) {
  return 'snapshot' in source
    ? { snapshot: { snapshot_id: source.snapshot } }
    : { volume: { volume_id: source.volume } };
}

function withStatus(array: ArrayState, record: VolumeRecord) {
  const held = array.attachments.of(record.id);
  const status = {
    published_node_ids: held === undefined ? [] : [held.node],
    volume_condition: array.faults.condition(record.id),
  };
  return { volume: message(record), status };
}

async function deleteVolume(array: ArrayState, request: VolumeRequest): Promise<object> {
  const id = required(request.volume_id, 'volume_id');
  return array.lock.run(id, async () => {
    const held = array.attachments.of(id);
    if (held !== undefined)
      throw new CsiError('FAILED_PRECONDITION', `volume ${id} is attached to node ${held.node}; detach it first`);
    // Not attached: whatever is still mounted somewhere is fenced, and of no use to anybody.
    for (const stage of stagesOf(array, id))
      array.log(`volume ${id} is deleted while ${stage.node} has a fenced mount of it`);
    await array.volumes.delete(id);
    return {};
  });
}

async function validate(array: ArrayState, request: ValidateRequest): Promise<object> {
  array.volumes.get(required(request.volume_id, 'volume_id'));
  const { volume_capabilities, volume_context, parameters } = request;
  if (volume_capabilities.length === 0)
    throw new CsiError('INVALID_ARGUMENT', 'volume_capabilities is missing in the request');
  const reason = volume_capabilities.map(unsupported).find((text) => text !== undefined);
  return reason === undefined
    ? { confirmed: { volume_capabilities, volume_context, parameters } }
    : { message: reason };
}

function capacity(array: ArrayState, request: CapacityRequest): object {
  const pool = poolOf(array, request.parameters);
  if (request.volume_capabilities.some((wish) => unsupported(wish) !== undefined)) return { available_capacity: 0 };
  const place = request.accessible_topology;
  const segment = place == null ? undefined : segmentAt(pool.scope, place);
  const somewhere = pool.scope !== 'Cluster' && segment === undefined;
  const free = somewhere ? maximumVolumeBytes(pool) : array.pools.freeBytes(pool, segment);
  const largest = somewhere ? free : array.pools.largestVolumeBytes(pool, segment);
  return {
    available_capacity: free,
    maximum_volume_size: { value: largest },
    minimum_volume_size: { value: MINIMUM_BYTES },
  };
}

async function expand(array: ArrayState, request: ExpandRequest): Promise<object> {
  const id = required(request.volume_id, 'volume_id');
  if (request.capacity_range == null)
    throw new CsiError('INVALID_ARGUMENT', 'capacity_range is missing in the request');
  return array.lock.run(id, async () => {
    const volume = array.volumes.get(id);
    const pool = poolOf(array, { pool: volume.pool });
    const bytes = sizeOf(request.capacity_range, pool, volume.fileSystem);
    if (bytes <= volume.capacityBytes) {
      return {
        capacity_bytes: volume.capacityBytes,
        node_expansion_required: volume.fileSystemBytes < volume.capacityBytes,
      };
    }
    checkMaximum(bytes, pool);
    const missing = bytes - volume.capacityBytes - array.pools.freeBytes(pool, volume.segment);
    if (missing > 0)
      throw new CsiError(
        'RESOURCE_EXHAUSTED',
        `pool ${pool.name} lacks ${missing} bytes to grow volume ${id} to ${bytes} bytes`,
      );
    await array.volumes.grow(id, bytes);
    return { capacity_bytes: bytes, node_expansion_required: true };
  });
}
