import type { Reason } from '../../api/reasons.ts';
import type { Decline } from './decision.ts';

/** Declines that no new node would turn into an accept: showing them to an autoscaler would add nodes for nothing. */
const NOT_FOR_WANT_OF_NODES: ReadonlySet<Reason> = new Set([
  'FrameworkLimit',
  'FrameworkNotFound',
  'FrameworkNotLeaf',
  'NamespaceNotAllowed',
  'PoolNotFound',
  'StorageClassNotFound',
  'VolumePinnedElsewhere',
  'PolicyDeclined',
  'OfferStale',
] satisfies readonly Reason[]);

/** Whether more nodes might turn the decline into an accept. */
export function wantsNodes({ reason, wantsNodes: told }: Pick<Decline, 'reason' | 'wantsNodes'>): boolean {
  return told ?? !NOT_FOR_WANT_OF_NODES.has(reason);
}
