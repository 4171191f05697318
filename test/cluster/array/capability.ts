import { CsiError } from './csi-error.ts';
import type { VolumeCapability } from './csi-messages.ts';
import { chooseFileSystem, type FileSystem } from './file-system.ts';

const MODES = new Set([
  'SINGLE_NODE_WRITER',
  'SINGLE_NODE_READER_ONLY',
  'SINGLE_NODE_SINGLE_WRITER',
  'SINGLE_NODE_MULTI_WRITER',
]);

/** Why the array cannot offer the capability, or undefined when it can. */
export function unsupported(capability: VolumeCapability): string | undefined {
  const mode = capability.access_mode?.mode ?? 'none';
  if (!MODES.has(mode)) return `access mode ${mode} is not offered: a volume is attached to one node at a time`;
  if (capability.mount == null) return 'only mounted file systems are offered, not raw block volumes';
  const { fs_type: type } = capability.mount;
  if (chooseFileSystem(type, 0) === undefined) return `file system ${type} is not offered: only xfs and ext4`;
  return undefined;
}

/** The file system asked for, if any. Throws INVALID_ARGUMENT when there is no capability, or one that is not offered. */
export function checkCapabilities(
  capabilities: ReadonlyArray<VolumeCapability | null | undefined>,
): FileSystem | undefined {
  const given = capabilities.filter((capability) => capability != null);
  if (given.length === 0) throw new CsiError('INVALID_ARGUMENT', 'volume_capability is missing in the request');
  const reason = given.map(unsupported).find((text) => text !== undefined);
  if (reason !== undefined) throw new CsiError('INVALID_ARGUMENT', reason);
  const types = given.map(({ mount }) => mount?.fs_type ?? '');
  return types.find((type) => type === 'xfs' || type === 'ext4');
}
