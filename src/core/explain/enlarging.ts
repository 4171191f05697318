import type { AppPlacement } from '../placement/app-placement.ts';
import type { Change } from './change.ts';
import { HOSTNAMES } from './fresh-node.ts';
import type { AppReports, LackingMember } from './lacking-member.ts';
import { reportNode, reportNodes } from './node-report.ts';
import { type Remedied, changesOf, cheapest, cheapestOfGroups } from './smallest-change.ts';

/**
 * More on nodes that there are: each member takes the one where least is lacking, those before it being placed. After the first of a
 * shape only those are asked again that came nearest, by zone or whatever else constraints compare.
 */
export class Enlarging {
  readonly #reports: AppReports;
  readonly #most: number;
  readonly #shortlists = new Map<AppPlacement, Map<string, readonly string[]>>();
  readonly changes: Change[] = [];
  cost = 0;

  /** `most` members at most lack a place. */
  constructor(reports: AppReports, most: number) {
    this.#reports = reports;
    this.#most = most;
  }

  /** The node where least is lacking for the member. */
  best(lacking: LackingMember): Remedied | undefined {
    const { placement, need } = lacking;
    const lists = this.#shortlists.get(placement) ?? new Map<string, readonly string[]>();
    this.#shortlists.set(placement, lists);
    const known = lists.get(need.shape);
    if (known !== undefined) return cheapest(known.map((node) => reportNode(placement, need, node)));
    const isFirst = this.#shortlists.size === 1 && lists.size === 0 && this.changes.length === 0;
    const all = isFirst ? this.#reports.of(lacking) : reportNodes(placement, need);
    const list = cheapestOfGroups(all, this.#most, groupsOf(placement));
    const names = list.map(({ node }) => node);
    lists.set(need.shape, names);
    return cheapest(list);
  }

  place({ placement, need }: LackingMember, { report, cost }: Remedied): (() => void) | undefined {
    const row = placement.run.view.nodeTable.rowOf(report.node);
    if (row === undefined) return undefined;
    this.changes.push(...changesOf(report));
    this.cost += cost;
    return placement.put(need, row);
  }
}

function groupsOf({ run: { view, values }, rules }: AppPlacement): (node: string) => string {
  const keys = rules.relative.map(({ key }) => key).filter((key) => !HOSTNAMES.has(key));
  if (keys.length === 0) return () => '';
  const columns = keys.map((key) => values.of(key));
  return (node) => {
    const row = view.nodeTable.rowOf(node) ?? -1;
    return columns.map((column) => column[row] ?? '').join('\n');
  };
}
