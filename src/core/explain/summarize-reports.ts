import { RESOURCE_ATTACH_PREFIX } from '../../api/labels.ts';
import type { Reason } from '../../api/reasons.ts';
import { showAmount } from '../resources/show-amount.ts';
import type { NodeReport, ToldReason } from './node-report.ts';

interface Group {
  readonly reason: Reason;
  nodes: number;
  /** The node that comes nearest, for what can be measured; else the first by name. */
  nearest: { readonly node: string; readonly told: ToldReason };
}

export interface Summary {
  /** "0 of 3 nodes fit: 2 InsufficientCPU (needs 2000m, most free 1200m on n2), 1 NodeCordoned". */
  readonly message: string;
  readonly nodesByReason: Readonly<Partial<Record<Reason, number>>>;
  /** The reason of most nodes. */
  readonly reason: Reason;
}

/** Says of how many nodes which reason keeps the member away, with the best number there is. A node counts under each of its reasons. */
export function summarizeReports(reports: readonly NodeReport[], nodes: number): Summary {
  const groups = groupByReason(reports);
  const [first] = groups;
  if (first === undefined) return { message: 'the cluster has no nodes', nodesByReason: {}, reason: 'NoNodes' };
  const nodesByReason = Object.fromEntries(groups.map((group) => [group.reason, group.nodes]));
  const parts = groups.map((group) => `${group.nodes} ${group.reason}${detail(group)}`);
  return { message: `0 of ${nodes} nodes fit: ${parts.join(', ')}`, nodesByReason, reason: first.reason };
}

/** Most nodes first, then by name. */
function groupByReason(reports: readonly NodeReport[]): readonly Group[] {
  const groups = new Map<Reason, Group>();
  for (const { node, reasons } of reports) {
    for (const told of reasons) {
      let group = groups.get(told.reason);
      if (group === undefined) {
        group = { reason: told.reason, nodes: 0, nearest: { node, told } };
        groups.set(told.reason, group);
      }
      if (isFirstOfReason(told, reasons)) group.nodes += 1;
      if (isNearer(node, told, group.nearest)) group.nearest = { node, told };
    }
  }
  return [...groups.values()].toSorted((a, b) => b.nodes - a.nodes || (a.reason < b.reason ? -1 : 1));
}

/** Few reasons a node: looking back is cheaper than a set for each of thousands. */
function isFirstOfReason(told: ToldReason, reasons: readonly ToldReason[]): boolean {
  for (const other of reasons) if (other.reason === told.reason) return other === told;
  return true;
}

function isNearer(node: string, told: ToldReason, nearest: Group['nearest']): boolean {
  const difference = lack(told) - lack(nearest.told);
  return difference < 0 || (difference === 0 && node < nearest.node);
}

function lack({ measure }: ToldReason): number {
  return measure === undefined ? Number.MAX_SAFE_INTEGER : measure.needed - measure.free;
}

const SELF_EVIDENT: ReadonlySet<Reason> = new Set(['NodeNotReady', 'NodeCordoned']);

function detail({ reason, nearest: { node, told } }: Group): string {
  if (SELF_EVIDENT.has(reason)) return '';
  const { measure } = told;
  if (measure === undefined) return ` (${node}: ${told.message()})`;
  const { what, needed, free } = measure;
  const named = NAMED.has(reason) ? ` ${what.replace(RESOURCE_ATTACH_PREFIX, '')}` : '';
  return ` (needs ${showAmount(what, needed)}${named}, most free ${showAmount(what, free)} on ${node})`;
}

/** Reasons whose word does not say which resource it is. */
const NAMED: ReadonlySet<Reason> = new Set(['InsufficientExtendedResource', 'TooManyAttachments']);
