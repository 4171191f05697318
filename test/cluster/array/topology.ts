import type { StringMap, Topology } from './csi-messages.ts';
import { NODE_KEY, SEGMENT_KEY } from './driver-name.ts';
import type { PoolScope } from './pools.ts';

/** What a node says about where it is. With `withNode` false thousands of nodes of one zone are one segment. */
export function nodeTopology(node: string, zone: string, withNode: boolean): StringMap {
  return withNode ? { [SEGMENT_KEY]: zone, [NODE_KEY]: node } : { [SEGMENT_KEY]: zone };
}

/** The segment of a pool of that scope at the place, or undefined when the scope has none or the place does not say. */
export function segmentAt(scope: PoolScope, place: Topology): string | undefined {
  if (scope === 'Cluster') return undefined;
  return place.segments[scope === 'Zone' ? SEGMENT_KEY : NODE_KEY];
}

/** From where a volume of that segment can be reached. Empty: from everywhere. */
export function accessibleFrom(scope: PoolScope, segment: string | undefined): readonly Topology[] {
  if (scope === 'Cluster' || segment === undefined) return [];
  return [{ segments: { [scope === 'Zone' ? SEGMENT_KEY : NODE_KEY]: segment } }];
}
