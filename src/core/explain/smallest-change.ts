import type { Reason } from '../../api/reasons.ts';
import type { Measure } from '../placement/tell.ts';
import { type Change, REMEDIES, showChanges } from './change.ts';
import type { NodeReport, ToldReason } from './node-report.ts';

/** What would make one node fit, and how much that is. */
export interface Remedied {
  readonly cost: number;
  readonly report: NodeReport;
}

/**
 * The least that would make one node fit: "800m more cpu on n2". Of every node the costs of all its reasons are added (what is lacking
 * over what is needed); nodes with a reason that no change of the cluster lifts are left out. Undefined: no node can be helped.
 */
export function smallestChange(reports: readonly NodeReport[]): string | undefined {
  const best = cheapest(reports);
  return best === undefined ? undefined : showChanges(changesOf(best.report));
}

/** The node with the lowest cost; of equals the first by name. */
export function cheapest(reports: readonly NodeReport[]): Remedied | undefined {
  let best: Remedied | undefined;
  for (const report of reports) {
    const cost = costOf(report);
    if (cost !== undefined && (best === undefined || isLess(cost, report, best))) best = { cost, report };
  }
  return best;
}

/** Of each group the nodes that can be helped, cheapest first, at most so many. Kept sorted while it grows: of thousands few get in. */
export function cheapestOfGroups(
  reports: readonly NodeReport[],
  most: number,
  groupOf: (node: string) => string,
): readonly NodeReport[] {
  const groups = new Map<string, Remedied[]>();
  for (const report of reports) {
    const cost = costOf(report);
    if (cost === undefined) continue;
    const group = groupOf(report.node);
    const kept = groups.get(group) ?? [];
    if (kept.length === 0) groups.set(group, kept);
    let place = kept.length;
    for (let above = kept[place - 1]; above !== undefined && isLess(cost, report, above); above = kept[place - 1])
      place -= 1;
    if (place >= most) continue;
    kept.splice(place, 0, { cost, report });
    if (kept.length > most) kept.pop();
  }
  return [...groups.values()].flatMap((kept) => kept.map(({ report }) => report));
}

/** What lifts all reasons of the node. */
export function changesOf({ node, reasons }: NodeReport): readonly Change[] {
  return reasons.map(({ reason, measure }) =>
    isLack(reason, measure)
      ? { kind: 'amount', node, what: measure.what, amount: measure.needed - measure.free }
      : { kind: 'lift', node, reason, count: 1 },
  );
}

function isLess(cost: number, report: NodeReport, best: Remedied): boolean {
  return cost < best.cost || (cost === best.cost && report.node < best.report.node);
}

function costOf({ reasons }: NodeReport): number | undefined {
  let sum = 0;
  for (const told of reasons) {
    const cost = costOfReason(told);
    if (cost === undefined) return undefined;
    sum += cost;
  }
  return sum;
}

function costOfReason({ reason, measure }: ToldReason): number | undefined {
  return isLack(reason, measure) ? (measure.needed - measure.free) / measure.needed : REMEDIES[reason]?.cost;
}

/** More of it would help. The largest volume that a driver makes is no amount that anybody can add to. */
function isLack(reason: Reason, measure: Measure | undefined): measure is Measure {
  return measure !== undefined && reason !== 'VolumeTooLarge';
}
