import type { Slot } from '../../api/reservation.ts';
import { isUnmade } from '../volumes/failed-making.ts';
import { parseTime } from './rfc3339.ts';
import type { Member, Situation } from './situation.ts';

/**
 * Whether the member's volumes cannot be made where its slot is, so that it should have one elsewhere. Only of a member for which nothing was
 * made and nothing is being made: a volume that there is may be reachable from that node alone, and a claim that a provisioner works on ties
 * its pod to the node (kube-scheduler heeds `selected-node`).
 */
export function isUnmakeable(
  { node, acceptedAt }: Slot,
  { claims }: Pick<Member, 'claims'>,
  { facts, now }: Pick<Situation, 'facts' | 'now'>,
): boolean {
  const failed = facts.failedMakings ?? [];
  if (failed.length === 0 || !claims.every((claim) => isUnmade(claim) && claim.selectedNode === '')) return false;
  const since = parseTime(acceptedAt) ?? 0;
  return claims.some(({ uid }) =>
    failed.some(
      (item) => item.claimUid === uid && item.node === node && item.atSeconds >= since && item.untilSeconds > now,
    ),
  );
}
