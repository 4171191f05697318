import type { Demand } from '../allocator/demand.ts';
import type { CompiledRules } from './compiled-rules.ts';
import type { Counts } from './constraints/compiled-constraint.ts';
import type { MemberNeed } from './member-need.ts';
import type { Liking } from './policies/policy.ts';
import { type Weighted, together, weightedPolicies } from './policies/registry.ts';
import { STAGES } from './stages.ts';
import { resourcesFit } from './stages/resources-fit.ts';
import type { Suitability, SuitabilityBook } from './suitability.ts';
import type { PlacementRun, RelativeCheck, Surroundings } from './surroundings.ts';
import type { Tell } from './tell.ts';

/** One app while its members are placed: what the run says, where its members are so far, and the two questions: admits, score. */
export class AppPlacement implements Surroundings {
  readonly run: PlacementRun;
  readonly rules: CompiledRules;
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #placedOn: { readonly row: number | undefined; readonly node: string }[];
  readonly #ofNode: readonly Weighted[];
  readonly #ofMember: readonly Weighted[];
  readonly #suitabilityBook: SuitabilityBook;
  #checks: readonly RelativeCheck[] | undefined;

  constructor(
    run: PlacementRun,
    suitability: SuitabilityBook,
    app: { rules: CompiledRules; placed: Demand['placed'] },
  ) {
    const { rules, placed } = app;
    this.run = run;
    this.rules = rules;
    this.#suitabilityBook = suitability;
    this.#placedOn = placed.map(({ node }) => ({ node, row: run.view.nodeTable.rowOf(node) }));
    const policies = weightedPolicies(rules.rules.policies);
    this.#ofNode = policies.filter(({ policy }) => policy.dependsOnNodeOnly);
    this.#ofMember = policies.filter(({ policy }) => !policy.dependsOnNodeOnly);
  }

  readonly counts = (key: string): Counts => this.#countsOf(key);

  checks(): readonly RelativeCheck[] {
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
    for (const stage of STAGES) stage({ surroundings: this, need, node, row }, tell);
  }

  /**
   * The admitted node with the highest score; among equals the one with most room, then the first by name. Nodes that `skip` names are
   * left out. Undefined: no node.
   */
  best(need: MemberNeed, skip?: (row: number) => boolean): number | undefined {
    const admits = this.#admission(need);
    const liking = this.#liking(need);
    let best: number | undefined;
    let bestLiked = -1;
    let bestRoom = -1;
    for (const row of this.rules.eligible()) {
      if (!admits(row) || skip?.(row) === true) continue;
      const liked = rounded(liking(row));
      if (liked < bestLiked) continue;
      const room = rounded(this.#room(row));
      if (liked === bestLiked && !this.#isBefore(row, room, { best, bestRoom })) continue;
      best = row;
      bestLiked = liked;
      bestRoom = room;
    }
    return best;
  }

  /** How many nodes admit the member, counted up to `most`. */
  countAdmitting(need: MemberNeed, most: number): number {
    const admits = this.#admission(need);
    let count = 0;
    for (const row of this.rules.eligible()) {
      if (admits(row)) count += 1;
      if (count >= most) break;
    }
    return count;
  }

  /** Puts the member there; the answer takes it back. */
  put(need: MemberNeed, row: number): () => void {
    const { scratch, view } = this.run;
    const mark = scratch.mark();
    scratch.place(need, row);
    this.#placedOn.push({ row, node: view.nodeTable.names[row] ?? '' });
    this.#count(row, 1);
    return () => {
      this.#count(row, -1);
      this.#placedOn.pop();
      scratch.rollback(mark);
    };
  }

  /** The stages after the node's own, which the eligible rows have passed; the same checks that `tell` explains. */
  #admission(need: MemberNeed): (row: number) => boolean {
    if (need.impossible.length > 0) return () => false;
    const { scratch } = this.run;
    const checks = this.checks().map(({ key, check }) => ({ values: this.run.values.of(key), check }));
    const suitability = need.volumes.length === 0 ? undefined : this.#suitability(need);
    return (row) => {
      if (!resourcesFit(scratch, row, need.amount)) return false;
      if (suitability?.volumesFit(this, need, row) === false) return false;
      for (const { values, check } of checks) if (!check.admits(values[row])) return false;
      return true;
    };
  }

  #liking(need: MemberNeed): Liking {
    const ofMember = together(this.#ofMember, this, need);
    if (this.#ofNode.length === 0) return ofMember;
    const suitability = this.#suitability(need);
    const ofNode = together(this.#ofNode, this, need);
    return (row) => suitability.score(row, ofNode) + ofMember(row);
  }

  #suitability(need: MemberNeed): Suitability {
    return this.#suitabilityBook.of(this.rules.key, need);
  }

  /** The mean free share of the node's CPU and memory, 0..1. */
  #room(row: number): number {
    const { free, stride } = this.run.scratch;
    const { allocatable } = this.run.view.nodeTable;
    let sum = 0;
    for (let cell = row * stride; cell < row * stride + CPU_AND_MEMORY; cell += 1) {
      const total = allocatable[cell] ?? 0;
      if (total > 0) sum += Math.max(0, free[cell] ?? 0) / total;
    }
    return sum;
  }

  #isBefore(
    row: number,
    room: number,
    than: { readonly best: number | undefined; readonly bestRoom: number },
  ): boolean {
    if (room !== than.bestRoom || than.best === undefined) return room > than.bestRoom;
    const { names } = this.run.view.nodeTable;
    return (names[row] ?? '') < (names[than.best] ?? '');
  }

  #count(row: number, change: 1 | -1): void {
    this.#checks = undefined;
    for (const [key, counts] of this.#counts) {
      const value = this.run.values.of(key)[row];
      if (value !== undefined) bump(counts, value, change);
    }
  }

  #countsOf(key: string): Map<string, number> {
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    const counts = new Map<string, number>();
    for (const { row, node } of this.#placedOn) {
      const value =
        (row === undefined ? undefined : this.run.values.of(key)[row]) ?? (key === '@hostname' ? node : undefined);
      if (value !== undefined) bump(counts, value, 1);
    }
    this.#counts.set(key, counts);
    return counts;
  }
}

/** Columns.ts gives these two names the first columns. */
const CPU_AND_MEMORY = 2;

/** Floating point noise must not decide between equal nodes. */
function rounded(score: number): number {
  return Math.round(score * 1e9);
}

function bump(counts: Map<string, number>, value: string, change: 1 | -1): void {
  const count = (counts.get(value) ?? 0) + change;
  if (count === 0) counts.delete(value);
  else counts.set(value, count);
}
