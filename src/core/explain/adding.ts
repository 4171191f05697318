import type { AppPlacement } from '../placement/app-placement.ts';
import { maxOf } from '../resources/vector.ts';
import { type Change, NODE_COST } from './change.ts';
import { FreshNode, couldBeNew } from './fresh-node.ts';
import type { AppReports, LackingMember } from './lacking-member.ts';
import type { NodeReport } from './node-report.ts';

/** Thought-up nodes that may take one more member, the last ones; those before them are most likely full. */
const OPEN = 8;

/** New nodes, like those that there are: each is filled before the next is thought of. */
export class Adding {
  readonly #reports: AppReports;
  readonly #nodes: FreshNode[] = [];
  readonly #open: FreshNode[] = [];
  readonly #lastRow = new Map<AppPlacement, number>();

  constructor(reports: AppReports) {
    this.#reports = reports;
  }

  get cost(): number {
    return NODE_COST * this.#nodes.length;
  }

  place(lacking: LackingMember): (() => void) | undefined {
    return this.placeBeside(lacking) ?? this.#placeAlone(lacking);
  }

  /** On a node that was thought of already. */
  placeBeside(lacking: LackingMember): (() => void) | undefined {
    return this.#open.find((node) => node.admits(lacking) && this.#isAllowedOn(lacking, node))?.put(lacking);
  }

  /** A node that was thought of for another app may be none that this one's rules allow. */
  #isAllowedOn(lacking: LackingMember, { name, row }: FreshNode): boolean {
    const { placement } = lacking;
    if (this.#lastRow.get(placement) === row) return true;
    const report = this.#reports.of(lacking).find(({ node }) => node === name);
    return report === undefined || couldBeNew(placement, report);
  }

  changes(): readonly Change[] {
    const changes = new Map<string, Extract<Change, { kind: 'nodes' }>>();
    for (const { name, zone, room } of this.#nodes) {
      const known = changes.get(name);
      const { pods: _pods, ...told } = known === undefined ? room : maxOf(known.room, room);
      changes.set(name, { kind: 'nodes', count: (known?.count ?? 0) + 1, like: name, zone, room: told });
    }
    return [...changes.values()];
  }

  #placeAlone(lacking: LackingMember): (() => void) | undefined {
    const { placement } = lacking;
    const last = this.#lastRow.get(placement);
    const row = isTemplate(last, lacking) ? last : this.#bestTemplate(lacking);
    if (row === undefined) return undefined;
    this.#lastRow.set(placement, row);
    const node = new FreshNode(placement.run, row);
    this.#nodes.push(node);
    this.#open.push(node);
    if (this.#open.length > OPEN) this.#open.shift();
    return node.put(lacking);
  }

  /** The node that has fewest reasons against it, of equals the first by name. It is asked only where it would be better: that is seldom. */
  #bestTemplate(lacking: LackingMember): number | undefined {
    const { placement } = lacking;
    let best: NodeReport | undefined;
    let bestRow: number | undefined;
    for (const report of this.#reports.of(lacking)) {
      if (best !== undefined && !isSimpler(report, best)) continue;
      const row = placement.run.view.nodeTable.rowOf(report.node);
      if (!couldBeNew(placement, report) || !isTemplate(row, lacking)) continue;
      best = report;
      bestRow = row;
    }
    return bestRow;
  }
}

function isTemplate(row: number | undefined, lacking: LackingMember): row is number {
  return row !== undefined && new FreshNode(lacking.placement.run, row).admits(lacking);
}

function isSimpler(left: NodeReport, right: NodeReport): boolean {
  const difference = left.reasons.length - right.reasons.length;
  return difference < 0 || (difference === 0 && left.node < right.node);
}
