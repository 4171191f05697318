import { mkdirSync, rmdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { run } from '../command.ts';
import { DEFAULT_ATTACH_LIMIT } from './attach-volume.ts';
import { type ArrayState, type NodeRecord, type StageRecord, stageKey } from './array-state.ts';
import { checkCapabilities } from './capability.ts';
import { CsiError, required } from './csi-error.ts';
import type {
  NodePublishRequest,
  StageRequest,
  TargetRequest,
  VolumePathRequest,
  VolumeRequest,
} from './csi-messages.ts';
import { growMounted } from './file-system.ts';
import { mountAt, unmountAll } from './mount-table.ts';
import { type StageWish, stageVolume, unstageVolume } from './stage.ts';
import { nodeTopology } from './topology.ts';

const CAPABILITIES = [
  'STAGE_UNSTAGE_VOLUME',
  'GET_VOLUME_STATS',
  'EXPAND_VOLUME',
  'VOLUME_CONDITION',
  'SINGLE_NODE_MULTI_WRITER',
];

/** csi.v1.Node, of one node. */
export function nodeService(array: ArrayState, node: NodeRecord) {
  return {
    NodeGetCapabilities: async () => ({ capabilities: CAPABILITIES.map((type) => ({ rpc: { type } })) }),
    NodeGetInfo: async () => ({
      node_id: node.name,
      max_volumes_per_node: node.attachLimit ?? DEFAULT_ATTACH_LIMIT,
      accessible_topology: { segments: nodeTopology(node.name, node.zone ?? 'z1', array.pools.needsNodes) },
    }),
    NodeStageVolume: (request: StageRequest) => stage(array, node.name, request),
    NodeUnstageVolume: (request: VolumeRequest & { readonly staging_target_path: string }) =>
      unstage(array, node.name, request),
    NodePublishVolume: (request: NodePublishRequest) => publish(array, node.name, request),
    NodeUnpublishVolume: (request: TargetRequest) => unpublish(array, node.name, request),
    NodeGetVolumeStats: (request: VolumePathRequest) => stats(array, request),
    NodeExpandVolume: (request: VolumePathRequest) => expand(array, node.name, request),
  };
}

function wishOf(node: string, request: StageRequest): StageWish {
  const volume = required(request.volume_id, 'volume_id');
  const stagingPath = required(request.staging_target_path, 'staging_target_path');
  checkCapabilities([request.volume_capability]);
  const { fs_type: fileSystem = '', mount_flags: flags = [] } = request.volume_capability?.mount ?? {};
  return { volume, node, stagingPath, generation: Number(request.publish_context['generation']), fileSystem, flags };
}

async function stage(array: ArrayState, node: string, request: StageRequest): Promise<object> {
  const wish = wishOf(node, request);
  await array.lock.run(wish.volume, () => stageVolume(array, wish));
  return {};
}

async function unstage(
  array: ArrayState,
  node: string,
  request: VolumeRequest & { readonly staging_target_path: string },
) {
  const volume = required(request.volume_id, 'volume_id');
  const stagingPath = required(request.staging_target_path, 'staging_target_path');
  return array.lock.run(volume, async () => {
    const record = array.stages.get(stageKey(volume, node));
    if (record?.stagingPath === stagingPath) await unstageVolume(array, record, 'unstaged');
    else await unmountAll(stagingPath);
    return {};
  });
}

/** A node that was away may believe in a mount that is fenced by now: stageVolume makes a new one where the old does not work. */
async function publish(array: ArrayState, node: string, request: NodePublishRequest): Promise<object> {
  const target = required(request.target_path, 'target_path');
  const wish = wishOf(node, request);
  return array.lock.run(wish.volume, async () => {
    const staged = await stageVolume(array, wish);
    const others = staged.targets.filter((other) => other !== target && mountAt(other) !== undefined);
    if (request.volume_capability?.access_mode?.mode === 'SINGLE_NODE_SINGLE_WRITER' && others.length > 0) {
      throw new CsiError(
        'FAILED_PRECONDITION',
        `volume ${wish.volume} is for a single pod, and is already at ${others.join(', ')}`,
      );
    }
    array.stages.put(stageKey(wish.volume, node), { ...staged, targets: [...others, target] });
    await bind(staged, target, request.readonly);
    return {};
  });
}

async function bind(staged: StageRecord, target: string, readOnly: boolean): Promise<void> {
  if (mountAt(target)?.source === staged.device) return;
  await unmountAll(target);
  mkdirSync(target, { recursive: true });
  await run('mount', ['--bind', staged.stagingPath, target]);
  if (readOnly) await run('mount', ['-o', 'remount,bind,ro', target]);
}

async function unpublish(array: ArrayState, node: string, request: TargetRequest): Promise<object> {
  const volume = required(request.volume_id, 'volume_id');
  const target = required(request.target_path, 'target_path');
  return array.lock.run(volume, async () => {
    await unmountAll(target);
    removeFolder(target);
    const key = stageKey(volume, node);
    const record = array.stages.get(key);
    if (record !== undefined)
      array.stages.put(key, { ...record, targets: record.targets.filter((other) => other !== target) });
    return {};
  });
}

/** Only an empty folder: what is in it would be somebody's data. */
function removeFolder(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

/** Throws NOT_FOUND unless the volume is mounted at the path. */
function deviceAt(array: ArrayState, request: VolumePathRequest): string {
  const volume = required(request.volume_id, 'volume_id');
  const path = required(request.volume_path, 'volume_path');
  array.volumes.get(volume);
  const device = mountAt(path)?.source;
  if (device === undefined) throw new CsiError('NOT_FOUND', `volume ${volume} is not mounted at ${path}`);
  return device;
}

async function stats(array: ArrayState, request: VolumePathRequest): Promise<object> {
  deviceAt(array, request);
  const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(request.volume_path);
  return {
    usage: [
      { unit: 'BYTES', total: blocks * bsize, used: (blocks - bfree) * bsize, available: bavail * bsize },
      { unit: 'INODES', total: files, used: files - ffree, available: ffree },
    ],
    volume_condition: array.faults.condition(request.volume_id),
  };
}

async function expand(array: ArrayState, node: string, request: VolumePathRequest): Promise<object> {
  return array.lock.run(request.volume_id, async () => {
    const device = deviceAt(array, request);
    const volume = array.volumes.get(request.volume_id);
    const { fileSystem, capacityBytes } = volume;
    if (fileSystem === undefined || volume.fileSystemBytes >= capacityBytes) return { capacity_bytes: capacityBytes };
    const mounted = array.stages.get(stageKey(volume.id, node))?.stagingPath ?? request.volume_path;
    if (!(await growMounted(device, mounted, fileSystem))) {
      throw new CsiError(
        'FAILED_PRECONDITION',
        `volume ${volume.id} has an ext4 file system, which grows here at its next mount only`,
      );
    }
    array.volumes.update(volume.id, { fileSystemBytes: capacityBytes });
    return { capacity_bytes: capacityBytes };
  });
}
