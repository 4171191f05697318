import type { Reason } from '../../api/reasons.ts';
import type { AppPlacement } from '../placement/app-placement.ts';
import type { MemberNeed } from '../placement/member-need.ts';
import type { Measure } from '../placement/tell.ts';

/** One reason of one node. */
export interface ToldReason {
  readonly reason: Reason;
  readonly message: () => string;
  readonly measure: Measure | undefined;
}

/** Why one node refuses one member. */
export interface NodeReport {
  readonly node: string;
  readonly reasons: readonly ToldReason[];
}

/** Asks every node for all its reasons. Nodes that admit the member are left out. */
export function reportNodes(placement: AppPlacement, need: MemberNeed): readonly NodeReport[] {
  const reports: NodeReport[] = [];
  const { facts } = placement.run.view.nodeTable;
  for (let row = 0; row < facts.length; row += 1) {
    const node = facts[row];
    if (node === undefined) continue;
    const report = reportRow(placement, need, row, node.name);
    if (report.reasons.length > 0) reports.push(report);
  }
  return reports;
}

/** All reasons of one node that exists; none: it admits the member. */
export function reportNode(placement: AppPlacement, need: MemberNeed, node: string): NodeReport {
  return reportRow(placement, need, placement.run.view.nodeTable.rowOf(node) ?? -1, node);
}

function reportRow(placement: AppPlacement, need: MemberNeed, row: number, node: string): NodeReport {
  const reasons: ToldReason[] = [];
  placement.tell(row, need, (reason, message, measure) => reasons.push({ reason, message, measure }));
  return { node, reasons };
}
