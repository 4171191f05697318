import type { CompiledRules } from './compiled-rules.ts';
import type { MemberNeed } from './member-need.ts';
import type { NodeJudge } from './node-judge.ts';
import type { PodPlacement } from './pod-placement.ts';
import type { Liking } from './policies/policy.ts';
import { together } from './policies/registry.ts';
import { resourcesFit } from './stages/resources-fit.ts';
import type { PodCheck } from './stages/pod-stage.ts';
import type { Suitability } from './suitability.ts';
import type { PlacementRun, RelativeCheck, Surroundings } from './surroundings.ts';

/** Who asks: the app as its members are placed now. */
export interface Asking extends Surroundings {
  readonly rules: CompiledRules;
  readonly pods: PodPlacement | undefined;
}

/**
 * What is asked of one eligible node after another for one member, while the others are where they are: the stages after the node's
 * own, the same checks that AppPlacement.tell explains, and the policies. Amounts of liking and room are integers, so that floating
 * point noise does not decide between equal nodes.
 */
export class NodeQuestion implements NodeJudge {
  readonly #run: PlacementRun;
  readonly #rules: CompiledRules;
  readonly #asking: Asking;
  readonly #need: MemberNeed;
  readonly #checks: readonly RelativeCheck[];
  readonly #suitability: Suitability | undefined;
  readonly #pods: PodCheck | undefined;
  readonly #likingBeside: Liking;
  #likingAlone: Liking | undefined;

  /** `suitability` only where volumes or policies need it. */
  constructor(asking: Asking, need: MemberNeed, suitability: Suitability | undefined) {
    this.#run = asking.run;
    this.#rules = asking.rules;
    this.#asking = asking;
    this.#need = need;
    this.#checks = asking.checks();
    this.#suitability = suitability;
    this.#pods = asking.pods?.against(need.demand.member, asking.run.scratch.version);
    this.#likingBeside = together(asking.rules.ofMember, asking, need);
  }

  admits(row: number): boolean {
    if (!this.admitsAlone(row)) return false;
    for (const { key, check } of this.#checks) if (!check.admits(this.#run.values.of(key)[row])) return false;
    return this.#pods === undefined || this.#pods.admits(row);
  }

  /** The node has room and reaches the volumes, wherever other members are. */
  admitsAlone(row: number): boolean {
    if (!resourcesFit(this.#run.scratch, row, this.#need.amount)) return false;
    return this.#need.volumes.length === 0 || this.#suitability?.volumesFit(this.#asking, this.#need, row) !== false;
  }

  /** How much it is liked by the policies that look at the node alone. */
  liked(row: number): number {
    if (this.#suitability === undefined || this.#rules.ofNode.length === 0) return 0;
    this.#likingAlone ??= together(this.#rules.ofNode, this.#asking, this.#need);
    return rounded(this.#suitability.score(row, this.#likingAlone));
  }

  /** How much it is liked by the other policies. */
  likedBeside(row: number): number {
    return rounded(this.#likingBeside(row));
  }

  /** The free shares of the node's CPU and memory. */
  room(row: number): number {
    const { free, stride } = this.#run.scratch;
    const { allocatable } = this.#run.view.nodeTable;
    let sum = 0;
    for (let cell = row * stride; cell < row * stride + CPU_AND_MEMORY; cell += 1) {
      const total = allocatable[cell] ?? 0;
      if (total > 0) sum += Math.max(0, free[cell] ?? 0) / total;
    }
    return rounded(sum);
  }
}

/** Columns.ts gives these two names the first columns. */
const CPU_AND_MEMORY = 2;

function rounded(score: number): number {
  return Math.round(score * 1e9);
}
