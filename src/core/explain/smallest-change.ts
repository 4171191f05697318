import { RESOURCE_ATTACH_PREFIX, RESOURCE_STORAGE_PREFIX } from '../../api/labels.ts';
import type { Reason } from '../../api/reasons.ts';
import { showAmount } from '../resources/show-amount.ts';
import type { Measure } from '../placement/tell.ts';
import type { NodeReport, ToldReason } from './node-report.ts';

/** What it takes to lift a reason that has no number, and how much that is against the others (a lack of half of what is needed: 0.5). */
const REMEDIES: Readonly<Partial<Record<Reason, { readonly cost: number; readonly say: (node: string) => string }>>> = {
  NodeCordoned: { cost: 0.3, say: (node) => `uncordon ${node}` },
  NodeNotReady: { cost: 0.6, say: (node) => `${node} ready again` },
  NodeTainted: { cost: 0.7, say: (node) => `a toleration for the taint of ${node}` },
  NodeSelectorMismatch: { cost: 0.8, say: (node) => `the label that nodeSelector wants on ${node}` },
  NodeAffinityMismatch: { cost: 0.8, say: (node) => `the labels that the node affinity wants on ${node}` },
  ConstraintIs: { cost: 0.8, say: (node) => `the value that the Is constraint wants on ${node}` },
  ConstraintLike: { cost: 0.8, say: (node) => `a value that the Like constraint wants on ${node}` },
  ConstraintUnique: { cost: 2, say: () => 'one more node with a value of its own for the Unique constraint' },
  ConstraintMaxPer: { cost: 2, say: () => 'one more node whose value has room under the MaxPer constraint' },
  ConstraintGroupBy: { cost: 2, say: () => 'one more node in the group that has fewest members' },
};

/**
 * The least that would make one node fit: "800m more cpu on n2". Of every node the costs of all its reasons are added (what is lacking
 * over what is needed); nodes with a reason that no change of the cluster lifts are left out. Undefined: no node can be helped.
 */
export function smallestChange(reports: readonly NodeReport[]): string | undefined {
  let best: { readonly cost: number; readonly report: NodeReport } | undefined;
  for (const report of reports) {
    const cost = costOf(report);
    if (cost !== undefined && (best === undefined || isLess(cost, report, best))) best = { cost, report };
  }
  return best === undefined
    ? undefined
    : best.report.reasons.map((told) => remedy(told, best.report.node)).join(' and ');
}

function isLess(
  cost: number,
  report: NodeReport,
  best: { readonly cost: number; readonly report: NodeReport },
): boolean {
  return cost < best.cost || (cost === best.cost && report.node < best.report.node);
}

function costOf({ reasons }: NodeReport): number | undefined {
  let sum = 0;
  for (const { reason, measure } of reasons) {
    const cost = isLack(reason, measure) ? (measure.needed - measure.free) / measure.needed : REMEDIES[reason]?.cost;
    if (cost === undefined) return undefined;
    sum += cost;
  }
  return sum;
}

function remedy({ reason, measure }: ToldReason, node: string): string {
  if (!isLack(reason, measure)) return REMEDIES[reason]?.say(node) ?? '';
  return `${showMissing(measure.what, measure.needed - measure.free)} on ${node}`;
}

/** More of it would help. The largest volume that a driver makes is no amount that anybody can add to. */
function isLack(reason: Reason, measure: Measure | undefined): measure is Measure {
  return measure !== undefined && reason !== 'VolumeTooLarge';
}

function showMissing(what: string, missing: number): string {
  const amount = showAmount(what, missing);
  if (what.startsWith(RESOURCE_STORAGE_PREFIX)) {
    return `${amount} more of storage class ${what.slice(RESOURCE_STORAGE_PREFIX.length)}`;
  }
  if (what.startsWith(RESOURCE_ATTACH_PREFIX)) {
    return `${amount} more attach slots of ${what.slice(RESOURCE_ATTACH_PREFIX.length)}`;
  }
  return `${amount} more ${what}`;
}
