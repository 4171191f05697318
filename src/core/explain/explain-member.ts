import type { Decline, Refusal } from '../allocator/decision.ts';
import type { AppRef } from '../allocator/demand.ts';
import type { AppPlacement } from '../placement/app-placement.ts';
import type { MemberNeed } from '../placement/member-need.ts';
import { type NodeReport, reportNodes } from './node-report.ts';
import { showChanges } from './change.ts';
import type { LackingMember } from './lacking-member.ts';
import { gangChange } from './gang-change.ts';
import { summarizeReports } from './summarize-reports.ts';

/** A decline explains the nodes that come nearest, so that it stays small in a cluster of thousands. */
export const EXPLAINED_NODES = 100;

/**
 * The decline of a member that no node admits, with the placement as it stands (its neighbours of the gang in place). `alsoLacking` are
 * the members, of its app and of others of its gang, that must get places with it and have none: the smallest change is one for all.
 */
export function explainMember(
  placement: AppPlacement,
  app: AppRef,
  need: MemberNeed,
  alsoLacking: readonly LackingMember[] = [],
): Decline {
  const reports = reportNodes(placement, need);
  const summary = summarizeReports(reports, placement.run.view.nodeCount);
  const changes = gangChange([{ placement, need }, ...alsoLacking], reports);
  return {
    kind: 'decline',
    app,
    reason: summary.reason,
    message: summary.message,
    nodesByReason: summary.nodesByReason,
    refusals: nearest(reports).flatMap((report) => refusalsOf(report, need.demand.member)),
    ...(changes === undefined ? {} : { smallestChange: showChanges(changes), changes }),
  };
}

/** Fewest reasons first, then by name. Kept sorted while it grows: of thousands few get in. */
function nearest(reports: readonly NodeReport[]): readonly NodeReport[] {
  const kept: NodeReport[] = [];
  for (const report of reports) {
    let place = kept.length;
    while (place > 0 && isNearer(report, kept[place - 1])) place -= 1;
    if (place >= EXPLAINED_NODES) continue;
    kept.splice(place, 0, report);
    if (kept.length > EXPLAINED_NODES) kept.pop();
  }
  return kept;
}

function isNearer(left: NodeReport, right: NodeReport | undefined): boolean {
  if (right === undefined) return false;
  const difference = left.reasons.length - right.reasons.length;
  return difference < 0 || (difference === 0 && left.node < right.node);
}

function refusalsOf({ node, reasons }: NodeReport, member: string): readonly Refusal[] {
  return reasons.map(({ reason, message }) => ({ node, member, reason, message: message() }));
}
