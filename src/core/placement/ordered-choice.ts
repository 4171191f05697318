import type { Estimate, NodeGroup, NodeOrder } from './node-order.ts';
import type { NodeJudge } from './node-judge.ts';
import type { NodeValues } from './node-values.ts';
import type { Surroundings } from './surroundings.ts';

/** A node that may be chosen. */
export interface Candidate {
  readonly row: number;
  readonly liked: number;
  readonly room: number;
}

/** After so many nodes that are liked and refuse, looking at all of them one by one is cheaper. */
const MAX_REFUSALS = 64;

/** This key makes no groups: nodes that have members are looked at on their own. */
const HOST = '@hostname';

/** Whether nodes can be told apart by their hostnames, where these decide. */
export function canBeOrdered(deciding: readonly string[], values: NodeValues): boolean {
  return !deciding.includes(HOST) || values.rowsBy(HOST) !== undefined;
}

/** Those of the deciding keys by which nodes are grouped. */
export function groupKeys(deciding: readonly string[]): readonly string[] {
  return deciding.filter((key) => key !== HOST);
}

/** An order of nodes as one app after another uses it: nodes with members of the app are set aside, since they are liked otherwise. */
export class OrderedChoice {
  readonly #order: NodeOrder;
  readonly #groupKeys: readonly string[];
  readonly #hostMatters: boolean;
  /** All who use the order ask for the same: a node that refuses one refuses the next, until it changes. */
  readonly #isOfOneShape: boolean;
  #aside: readonly number[] = [];

  constructor(order: NodeOrder, deciding: readonly string[], isOfOneShape: boolean) {
    this.#order = order;
    this.#groupKeys = groupKeys(deciding);
    this.#hostMatters = deciding.includes(HOST);
    this.#isOfOneShape = isOfOneShape;
  }

  renew(row: number, estimate: Estimate): void {
    this.#order.renew(row, estimate);
  }

  /** The row that is found by looking at every node; undefined: no node. `given up` when many that are liked more refuse. */
  best(surroundings: Surroundings, question: NodeJudge): number | undefined | 'given up' {
    const { names } = surroundings.run.view.nodeTable;
    this.#setAside(this.#hostMatters ? rowsWithMembers(surroundings) : []);
    let best: Candidate | undefined;
    for (const row of this.#aside) {
      if (!this.#order.has(row) || !question.admits(row)) continue;
      const liked = question.liked(row) + question.likedBeside(row);
      best = better(best, { row, liked, room: question.room(row) }, names);
    }
    for (const group of this.#order.groups) {
      if (!this.#admitsGroup(surroundings, group)) continue;
      const first = this.#firstAdmitted(group, question);
      if (first === 'given up') return first;
      if (first === undefined) continue;
      best = better(best, { ...first, liked: first.liked + question.likedBeside(first.row) }, names);
    }
    return best?.row;
  }

  #firstAdmitted(group: NodeGroup, question: NodeJudge): Candidate | undefined | 'given up' {
    const passedOver: number[] = [];
    let first = this.#order.first(group);
    while (first !== undefined && !question.admits(first.row) && passedOver.length < MAX_REFUSALS) {
      if (this.#isOfOneShape && !question.admitsAlone(first.row)) {
        this.#order.leaveOut(first.row);
      } else {
        passedOver.push(first.row);
        this.#order.setAside(first.row);
      }
      first = this.#order.first(group);
    }
    for (const row of passedOver) this.#order.bringBack(row);
    return passedOver.length < MAX_REFUSALS ? first : 'given up';
  }

  #admitsGroup(surroundings: Surroundings, { values }: NodeGroup): boolean {
    for (const { key, check } of surroundings.checks()) {
      const at = this.#groupKeys.indexOf(key);
      if (at >= 0 && !check.admits(values[at])) return false;
    }
    return true;
  }

  #setAside(rows: readonly number[]): void {
    const before = this.#aside;
    let same = 0;
    while (same < before.length && before[same] === rows[same]) same += 1;
    for (let i = same; i < before.length; i += 1) this.#order.bringBack(before[i] ?? 0);
    for (let i = same; i < rows.length; i += 1) this.#order.setAside(rows[i] ?? 0);
    this.#aside = rows;
  }
}

/** Liked more; else with more room; else first by name. */
export function better(best: Candidate | undefined, other: Candidate, names: readonly string[]): Candidate {
  if (best === undefined || other.liked > best.liked) return other;
  if (other.liked < best.liked) return best;
  if (other.room !== best.room) return other.room > best.room ? other : best;
  return (names[other.row] ?? '') < (names[best.row] ?? '') ? other : best;
}

function rowsWithMembers({ run, counts }: Surroundings): readonly number[] {
  const rowOf = run.values.rowsBy(HOST);
  const rows: number[] = [];
  for (const host of counts(HOST).keys()) {
    const row = rowOf?.(host);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}
