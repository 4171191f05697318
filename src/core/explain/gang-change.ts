import type { AppPlacement } from '../placement/app-placement.ts';
import type { MemberNeed } from '../placement/member-need.ts';
import { maxOf } from '../resources/vector.ts';
import { ZONE_LABEL } from '../view/node-table.ts';
import { type Change, NODE_COST, addedUp } from './change.ts';
import { FreshNode, HOSTNAMES, couldBeNew } from './fresh-node.ts';
import { type NodeReport, reportNode, reportNodes } from './node-report.ts';
import { type Remedied, changesOf, cheapest, cheapestOfGroups } from './smallest-change.ts';

/** A change and how much it is; see REMEDIES. */
interface Plan {
  readonly cost: number;
  readonly changes: readonly Change[];
}

/** Members that nodes are made larger for at most. */
const ENLARGED_FOR = 32;

/** Thought-up nodes that may take one more member, the last ones; those before them are most likely full. */
const OPEN = 8;

/**
 * The least that would give places to all members that lack one, `blocked` first: more on nodes that there are, new nodes like these,
 * or some of both, whichever is least. Members that fitted are on the scratch and stay there. The scratch is as before when it returns.
 * Undefined: nothing in the cluster would help.
 */
export function gangChange(
  placement: AppPlacement,
  lacking: readonly MemberNeed[],
  reports: readonly NodeReport[],
): readonly Change[] | undefined {
  const mixed =
    lacking.length > ENLARGED_FOR ? undefined : planned(new Mixing(placement, reports, lacking.length), lacking);
  // Beside one that needs no new node, new nodes alone are never less.
  if (mixed !== undefined && mixed.cost < NODE_COST) return mixed.changes;
  const added = planned(new Adding(placement, reports), lacking);
  if (mixed === undefined) return added?.changes;
  return added !== undefined && added.cost <= mixed.cost ? added.changes : mixed.changes;
}

/** One way to give a place to a member that no node admits. `undefined`: it cannot. */
interface Way {
  readonly placement: AppPlacement;
  place(need: MemberNeed): (() => void) | undefined;
  plan(): Plan;
}

function planned(way: Way, lacking: readonly MemberNeed[]): Plan | undefined {
  const undo: (() => void)[] = [];
  const refused = new Set<string>();
  let isWhole = true;
  for (const need of lacking) {
    const row = refused.has(need.shape) ? undefined : way.placement.best(need);
    if (row === undefined) refused.add(need.shape);
    const takeBack = row === undefined ? way.place(need) : way.placement.put(need, row);
    if (takeBack === undefined) isWhole = false;
    else undo.push(takeBack);
    if (!isWhole) break;
  }
  for (const takeBack of undo.toReversed()) takeBack();
  return isWhole ? way.plan() : undefined;
}

/**
 * More on nodes that there are: each member takes the one where least is lacking, those before it being placed. After the first of a
 * shape only those are asked again that came nearest, by zone or whatever else constraints compare.
 */
class Enlarging {
  readonly #placement: AppPlacement;
  readonly #first: readonly NodeReport[];
  readonly #most: number;
  readonly #shortlists = new Map<string, readonly string[]>();
  readonly changes: Change[] = [];
  cost = 0;

  constructor(placement: AppPlacement, reports: readonly NodeReport[], most: number) {
    this.#placement = placement;
    this.#first = reports;
    this.#most = most;
  }

  /** The node where least is lacking for the member. */
  best(need: MemberNeed): Remedied | undefined {
    const known = this.#shortlists.get(need.shape);
    if (known !== undefined) return cheapest(known.map((node) => reportNode(this.#placement, need, node)));
    const isFirst = this.#shortlists.size === 0 && this.changes.length === 0;
    const all = isFirst ? this.#first : reportNodes(this.#placement, need);
    const list = cheapestOfGroups(all, this.#most, this.#groups());
    const names = list.map(({ node }) => node);
    this.#shortlists.set(need.shape, names);
    return cheapest(list);
  }

  place(need: MemberNeed, { report, cost }: Remedied): (() => void) | undefined {
    const row = this.#placement.run.view.nodeTable.rowOf(report.node);
    if (row === undefined) return undefined;
    this.changes.push(...changesOf(report));
    this.cost += cost;
    return this.#placement.put(need, row);
  }

  #groups(): (node: string) => string {
    const { view, values } = this.#placement.run;
    const keys = this.#placement.rules.relative.map(({ key }) => key).filter((key) => !HOSTNAMES.has(key));
    if (keys.length === 0) return () => '';
    const columns = keys.map((key) => values.of(key));
    return (node) => {
      const row = view.nodeTable.rowOf(node) ?? -1;
      return columns.map((column) => column[row] ?? '').join('\n');
    };
  }
}

/** New nodes, like those that there are: each is filled before the next is thought of. */
class Adding implements Way {
  readonly placement: AppPlacement;
  readonly #reports: readonly NodeReport[];
  readonly #nodes: FreshNode[] = [];
  readonly #open: FreshNode[] = [];
  #lastRow: number | undefined;

  constructor(placement: AppPlacement, reports: readonly NodeReport[]) {
    this.placement = placement;
    this.#reports = reports;
  }

  place(need: MemberNeed): (() => void) | undefined {
    return this.placeBeside(need) ?? this.#placeAlone(need);
  }

  /** On a node that was thought of already. */
  placeBeside(need: MemberNeed): (() => void) | undefined {
    return this.#open.find((node) => node.admits(need))?.put(need);
  }

  plan(): Plan {
    const changes = new Map<string, Extract<Change, { kind: 'nodes' }>>();
    for (const { name, room } of this.#nodes) {
      const known = changes.get(name);
      const zone = this.placement.run.view.node(name)?.labels[ZONE_LABEL] ?? '';
      const { pods: _pods, ...told } = known === undefined ? room : maxOf(known.room, room);
      changes.set(name, { kind: 'nodes', count: (known?.count ?? 0) + 1, like: name, zone, room: told });
    }
    return { cost: NODE_COST * this.#nodes.length, changes: [...changes.values()] };
  }

  #placeAlone(need: MemberNeed): (() => void) | undefined {
    const row = this.#isTemplate(this.#lastRow, need) ? this.#lastRow : this.#bestTemplate(need);
    if (row === undefined) return undefined;
    this.#lastRow = row;
    const node = new FreshNode(this.placement, row);
    this.#nodes.push(node);
    if (node.mayBeShared) this.#open.push(node);
    if (this.#open.length > OPEN) this.#open.shift();
    return node.put(need);
  }

  /** The node that has fewest reasons against it, of equals the first by name. It is asked only where it would be better: that is seldom. */
  #bestTemplate(need: MemberNeed): number | undefined {
    let best: NodeReport | undefined;
    let bestRow: number | undefined;
    for (const report of this.#reports) {
      if (best !== undefined && !isSimpler(report, best)) continue;
      const row = this.placement.run.view.nodeTable.rowOf(report.node);
      if (!couldBeNew(this.placement, report) || !this.#isTemplate(row, need)) continue;
      best = report;
      bestRow = row;
    }
    return bestRow;
  }

  #isTemplate(row: number | undefined, need: MemberNeed): row is number {
    return row !== undefined && new FreshNode(this.placement, row).admits(need);
  }
}

function isSimpler(left: NodeReport, right: NodeReport): boolean {
  const difference = left.reasons.length - right.reasons.length;
  return difference < 0 || (difference === 0 && left.node < right.node);
}

/** Member by member what is less: more on a node that there is, or a new one. */
class Mixing implements Way {
  readonly placement: AppPlacement;
  readonly #enlarging: Enlarging;
  readonly #adding: Adding;

  constructor(placement: AppPlacement, reports: readonly NodeReport[], members: number) {
    this.placement = placement;
    this.#enlarging = new Enlarging(placement, reports, members);
    this.#adding = new Adding(placement, reports);
  }

  place(need: MemberNeed): (() => void) | undefined {
    const beside = this.#adding.placeBeside(need);
    if (beside !== undefined) return beside;
    const best = this.#enlarging.best(need);
    const added = best === undefined || best.cost >= NODE_COST ? this.#adding.place(need) : undefined;
    if (added !== undefined || best === undefined) return added;
    return this.#enlarging.place(need, best);
  }

  plan(): Plan {
    const { cost, changes } = this.#adding.plan();
    return { cost: this.#enlarging.cost + cost, changes: [...addedUp(this.#enlarging.changes), ...changes] };
  }
}
