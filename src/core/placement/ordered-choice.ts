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

/** The first node of a group, written over each time it is asked for: there are many questions, and few groups. */
interface GroupFirst {
  readonly group: NodeGroup;
  /** NO_ROW: none of the group may be chosen. */
  row: number;
  liked: number;
  room: number;
}

const NO_ROW = -1;

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
  readonly #firsts: readonly GroupFirst[];
  #aside: readonly number[] = [];

  constructor(order: NodeOrder, deciding: readonly string[], isOfOneShape: boolean) {
    this.#order = order;
    this.#groupKeys = groupKeys(deciding);
    this.#hostMatters = deciding.includes(HOST);
    this.#isOfOneShape = isOfOneShape;
    this.#firsts = order.groups.map((group) => ({ group, row: NO_ROW, liked: 0, room: 0 }));
  }

  renew(row: number, estimate: Estimate): void {
    this.#order.renew(row, estimate);
  }

  /** The row that is found by looking at every node; undefined: no node. `given up` when many that are liked more refuse. */
  best(surroundings: Surroundings, question: NodeJudge): number | undefined | 'given up' {
    const { names } = surroundings.run.view.nodeTable;
    this.#setAside(this.#hostMatters ? rowsWithMembers(surroundings) : NO_ROWS);
    const best = this.#bestAside(question, names);
    for (const first of this.#firsts) this.#lookAt(first, surroundings, question);
    const passedOver: number[] = [];
    let first = bestOf(this.#firsts, names);
    while (first !== undefined && isBetter(first, best, names) && !question.admits(first.row)) {
      if (passedOver.length >= MAX_REFUSALS) break;
      this.#passOver(first.row, question, passedOver);
      this.#lookAt(first, surroundings, question);
      first = bestOf(this.#firsts, names);
    }
    for (const row of passedOver) this.#order.bringBack(row);
    if (passedOver.length >= MAX_REFUSALS) return 'given up';
    return first !== undefined && isBetter(first, best, names) ? first.row : best?.row;
  }

  #bestAside(question: NodeJudge, names: readonly string[]): Candidate | undefined {
    let best: Candidate | undefined;
    for (const row of this.#aside) {
      if (!this.#order.has(row) || !question.admits(row)) continue;
      const liked = question.liked(row) + question.likedBeside(row);
      best = better(best, { row, liked, room: question.room(row) }, names);
    }
    return best;
  }

  #lookAt(first: GroupFirst, surroundings: Surroundings, question: NodeJudge): void {
    const { group } = first;
    const place = this.#admitsGroup(surroundings, group) ? group.nodes.winner : undefined;
    first.row = place === undefined ? NO_ROW : this.#order.rowAt(place);
    if (place === undefined) return;
    first.liked = this.#order.likedAt(place) + question.likedBeside(first.row);
    first.room = this.#order.roomAt(place);
  }

  /** The node refuses: the next one of its group is first. */
  #passOver(row: number, question: NodeJudge, passedOver: number[]): void {
    if (this.#isOfOneShape && !question.admitsAlone(row)) {
      this.#order.leaveOut(row);
      return;
    }
    passedOver.push(row);
    this.#order.setAside(row);
  }

  #admitsGroup(surroundings: Surroundings, { values }: NodeGroup): boolean {
    if (this.#groupKeys.length === 0) return true;
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

export function better(best: Candidate | undefined, other: Candidate, names: readonly string[]): Candidate {
  return best === undefined || isBetter(other, best, names) ? other : best;
}

/** Liked more; else with more room; else first by name. */
function isBetter(one: Candidate, best: Candidate | undefined, names: readonly string[]): boolean {
  if (best === undefined || one.liked > best.liked) return true;
  if (one.liked < best.liked) return false;
  if (one.room !== best.room) return one.room > best.room;
  return (names[one.row] ?? '') < (names[best.row] ?? '');
}

function bestOf(firsts: readonly GroupFirst[], names: readonly string[]): GroupFirst | undefined {
  let best: GroupFirst | undefined;
  for (const first of firsts) if (first.row !== NO_ROW && isBetter(first, best, names)) best = first;
  return best;
}

function rowsWithMembers({ run, counts }: Surroundings): readonly number[] {
  const onHosts = counts(HOST);
  if (onHosts.size === 0) return NO_ROWS;
  const rowOf = run.values.rowsBy(HOST);
  const rows: number[] = [];
  for (const host of onHosts.keys()) {
    const row = rowOf?.(host);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}

const NO_ROWS: readonly number[] = [];
