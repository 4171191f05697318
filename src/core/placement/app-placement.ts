import type { Demand } from '../allocator/demand.ts';
import type { CompiledRules } from './compiled-rules.ts';
import type { Counts } from './constraints/compiled-constraint.ts';
import type { MemberNeed } from './member-need.ts';
import type { PodDemand, PodPlacement } from './pod-placement.ts';
import { NodeQuestion } from './node-question.ts';
import { type Candidate, type OrderedChoice, better } from './ordered-choice.ts';
import { STAGES } from './stages.ts';
import type { SuitabilityBook } from './suitability.ts';
import type { PlacementRun, RelativeCheck, Surroundings } from './surroundings.ts';
import type { Tell } from './tell.ts';

/** One app while its members are placed: what the run says, where its members are so far, and the two questions: admits, score. */
export class AppPlacement implements Surroundings {
  readonly run: PlacementRun;
  readonly rules: CompiledRules;
  /** Only when other pods matter to these, or these to others. */
  readonly pods: PodPlacement | undefined;
  /** By key, once somebody asked. */
  #counts: Map<string, Map<string, number>> | undefined;
  readonly #placedOn: { readonly row: number | undefined; readonly node: string }[];
  readonly #suitabilityBook: SuitabilityBook;
  readonly #demand: PodDemand | undefined;
  #checks: readonly RelativeCheck[] | undefined;

  constructor(
    run: PlacementRun,
    suitability: SuitabilityBook,
    app: { rules: CompiledRules; placed: Demand['placed']; demand?: PodDemand; pods?: PodPlacement | undefined },
  ) {
    const { rules, placed } = app;
    this.run = run;
    this.rules = rules;
    this.pods = app.pods;
    this.#demand = app.demand;
    this.#suitabilityBook = suitability;
    this.#placedOn =
      placed.length === 0 ? [] : placed.map(({ node }) => ({ node, row: run.view.nodeTable.rowOf(node) }));
  }

  readonly counts = (key: string): Counts => this.#countsOf(key);

  checks(): readonly RelativeCheck[] {
    if (this.rules.relative.length === 0) return NO_CHECKS;
    this.#checks ??= this.rules.relative.map((constraint) => ({
      key: constraint.key,
      reason: constraint.reason,
      check: constraint.against(this.#countsOf(constraint.key), () => this.rules.known(constraint.key)),
    }));
    return this.#checks;
  }

  /** Every stage, every reason, of any node. Nothing told: the node is admitted. */
  tell(row: number, need: MemberNeed, tell: Tell): void {
    const node = this.run.view.nodeTable.facts[row];
    if (node === undefined) return;
    for (const { reason, message } of need.impossible) tell(reason, () => message);
    const site = { surroundings: this, need, node, row };
    for (const stage of STAGES) stage(site, tell);
    this.pods?.against(need.demand.member, this.run.scratch.version).tell(row, tell);
  }

  /**
   * The admitted node with the highest score; among equals the one with most room, then the first by name. Nodes that `skip` names are
   * left out. Undefined: no node.
   */
  best(need: MemberNeed, skip?: (row: number) => boolean): number | undefined {
    if (need.impossible.length > 0) return undefined;
    const question = this.#question(need);
    const choice = skip === undefined ? this.#choice(need, question) : undefined;
    const found = choice === undefined ? 'given up' : choice.best(this, question);
    return found === 'given up' ? this.#bestOfAll(question, skip) : found;
  }

  /** What `best` finds, by looking at every node. */
  bestOfAll(need: MemberNeed): number | undefined {
    return need.impossible.length > 0 ? undefined : this.#bestOfAll(this.#question(need));
  }

  /** How many nodes admit the member, counted up to `most`. */
  countAdmitting(need: MemberNeed, most: number): number {
    if (need.impossible.length > 0) return 0;
    const question = this.#question(need);
    let count = 0;
    for (const row of this.rules.eligible()) {
      if (question.admits(row)) count += 1;
      if (count >= most) break;
    }
    return count;
  }

  /** Puts the member there; the answer takes it back. */
  put(need: MemberNeed, row: number): () => void {
    const { scratch, view } = this.run;
    const mark = scratch.mark();
    scratch.place(need, row);
    if (this.#demand !== undefined) this.run.pods.put(this.#demand, need.demand.member, row);
    this.#placedOn.push({ row, node: view.nodeTable.names[row] ?? '' });
    this.#count(row, 1);
    return () => {
      this.#count(row, -1);
      this.#placedOn.pop();
      scratch.rollback(mark);
    };
  }

  #bestOfAll(question: NodeQuestion, skip?: (row: number) => boolean): number | undefined {
    const { names } = this.run.view.nodeTable;
    let best: Candidate | undefined;
    for (const row of this.rules.eligible()) {
      if (!question.admits(row) || skip?.(row) === true) continue;
      const liked = question.liked(row) + question.likedBeside(row);
      if (best !== undefined && liked < best.liked) continue;
      best = better(best, { row, liked, room: question.room(row) }, names);
    }
    return best?.row;
  }

  /** The order that knows the best node; undefined when none is kept for such members. */
  #choice(need: MemberNeed, question: NodeQuestion): OrderedChoice | undefined {
    const hasShape = this.rules.ofNode.length > 0;
    if (this.pods !== undefined || (hasShape && !need.isFresh)) return undefined;
    const deciding = this.rules.deciding(need);
    if (deciding === undefined) return undefined;
    const wanted = { rules: this.rules, shape: hasShape ? need.shape : '', deciding };
    return this.#suitabilityBook.orders.choice(wanted, this.run.values, question);
  }

  #question(need: MemberNeed): NodeQuestion {
    const isSimple = need.volumes.length === 0 && this.rules.ofNode.length === 0;
    return new NodeQuestion(this, need, isSimple ? undefined : this.#suitabilityBook.of(this.rules, need));
  }

  #count(row: number, change: 1 | -1): void {
    this.#checks = undefined;
    if (this.#counts === undefined) return;
    for (const [key, counts] of this.#counts) {
      const value = this.run.values.of(key)[row];
      if (value !== undefined) bump(counts, value, change);
    }
  }

  /** Good while members are where they are. */
  #countsOf(key: string): Counts {
    if (this.#placedOn.length === 0) return NO_COUNTS;
    const known = this.#counts?.get(key);
    if (known !== undefined) return known;
    const counts = new Map<string, number>();
    for (const { row, node } of this.#placedOn) {
      const value =
        (row === undefined ? undefined : this.run.values.of(key)[row]) ?? (key === '@hostname' ? node : undefined);
      if (value !== undefined) bump(counts, value, 1);
    }
    this.#counts ??= new Map();
    this.#counts.set(key, counts);
    return counts;
  }
}

const NO_CHECKS: readonly RelativeCheck[] = [];
const NO_COUNTS: Counts = new Map();

function bump(counts: Map<string, number>, value: string, change: 1 | -1): void {
  const count = (counts.get(value) ?? 0) + change;
  if (count === 0) counts.delete(value);
  else counts.set(value, count);
}
