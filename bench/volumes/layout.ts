import type { PoolSpec } from '../../test/cluster/array/pools.ts';

// How much there is, and how much is wanted of it: nearly all.

const GIB = 2 ** 30;

export const APP_MEMBERS = 10;
/** Members that a node can attach the volumes of. */
const MEMBERS_PER_NODE = 3;

/** A member's volumes: two of one class, so that they must fit together, and one of another. */
export const VOLUMES = [
  { name: 'data', pool: 'bulk', gib: 20 },
  { name: 'index', pool: 'bulk', gib: 10 },
  { name: 'wal', pool: 'fast', gib: 4 },
] as const;

export const ATTACH_LIMIT = MEMBERS_PER_NODE * VOLUMES.length;

/** Bytes of one member in a pool. */
export function bytesOfMember(pool: string): number {
  return VOLUMES.filter((volume) => volume.pool === pool).reduce((sum, { gib }) => sum + gib * GIB, 0);
}

/** Sizes of one run. */
export interface Layout {
  readonly members: number;
  readonly apps: number;
  readonly nodes: number;
  readonly zones: number;
  /** Members that fit into a zone's share of each pool. */
  readonly membersPerZone: number;
  /** Of one more app, which is wanted whole and for which there is one place too few. */
  readonly surplus: number;
  /** Of the plain StatefulSets that are measured first. */
  readonly plain: number;
  readonly pools: readonly PoolSpec[];
}

/** Two nodes for five members, a zone for fifty, and in each zone storage for one member more than it gets on average. */
export function layoutOf(members: number): Layout {
  const zones = Math.max(1, Math.ceil(members / 50));
  const membersPerZone = Math.ceil(members / zones) + 1;
  const pool = (name: string): PoolSpec => ({
    name,
    scope: 'Zone',
    // Less than a member more: what is left over is of no use to anybody.
    capacityBytes: membersPerZone * bytesOfMember(name) + GIB,
    maximumVolumeBytes: 64 * GIB,
  });
  return {
    members,
    apps: members / APP_MEMBERS,
    nodes: Math.max(4, Math.ceil((members * 2) / 5)),
    zones,
    membersPerZone,
    surplus: membersPerZone * zones - members + 1,
    plain: Math.max(APP_MEMBERS, Math.floor(members / 5 / APP_MEMBERS) * APP_MEMBERS),
    pools: [pool('bulk'), pool('fast')],
  };
}

export function classOf(pool: string): string {
  return `array-${pool}`;
}
