/** How full a file system is, as the kubelet of its node said. */
export interface VolumeUsage {
  readonly usedBytes: number;
  readonly availableBytes: number;
  readonly capacityBytes: number;
  /** 0 where the file system has no fixed number of them. */
  readonly inodesUsed: number;
  readonly inodes: number;
  /** Epoch seconds at which the kubelet measured it. */
  readonly atSeconds: number;
}

/** What is known about the volumes of one app. */
export interface VolumeUsageFacts {
  /** By name of the claim. */
  readonly byClaim: ReadonlyMap<string, VolumeUsage>;
  /** Why nothing is known about volumes on a node, by node. */
  readonly problems: ReadonlyMap<string, string>;
}

/**
 * How full, in percent: of bytes, or of inodes where those are scarcer. What a file system keeps for itself counts as used, since a
 * program that writes meets the end of what is available.
 */
export function percentFull(usage: VolumeUsage): number {
  const { capacityBytes, availableBytes, usedBytes, inodes, inodesUsed } = usage;
  if (capacityBytes <= 0) return 0;
  const used = Math.max(usedBytes, capacityBytes - availableBytes);
  return 100 * Math.min(1, Math.max(used / capacityBytes, inodes <= 0 ? 0 : inodesUsed / inodes));
}
