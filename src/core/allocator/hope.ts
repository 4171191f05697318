import type { CompiledRules } from '../placement/compiled-rules.ts';
import type { MemberNeed } from '../placement/member-need.ts';
import type { EngineChanges, PlacementEngine } from '../placement/placement-engine.ts';
import { resourcesFit } from '../placement/stages/resources-fit.ts';
import { volumesFit } from '../placement/stages/volumes-fit.ts';
import type { Demand } from './demand.ts';

/**
 * What a demand that found no place hopes for: a node on which its members would fit, whatever else is placed. While no node that
 * changed is such a node, the demand would be declined again: equal members fill nodes in any order to the same number, so a node that
 * takes none of them cannot help. That is so for members of one shape that have nothing yet, under rules by which the order does not
 * matter; of others nothing is known, and they are tried again.
 */
export class Hope {
  /** Equal for demands that hope for the same. */
  readonly key: string;
  readonly #rules: CompiledRules;
  readonly #need: MemberNeed;
  readonly #storage: number;

  private constructor(rules: CompiledRules, need: MemberNeed, storage: number) {
    this.key = `${rules.key}\n${need.shape}`;
    this.#rules = rules;
    this.#need = need;
    this.#storage = storage;
  }

  /** Undefined: it is to be tried again whatever changed. */
  static of(engine: PlacementEngine, demand: Demand, needs: readonly MemberNeed[]): Hope | undefined {
    const [need] = needs;
    if (need === undefined || demand.gang !== undefined || engine.run.pods.dependsOnPods(demand)) return undefined;
    const rules = engine.rules.of(demand.rules);
    const areEqual = needs.every(
      ({ isFresh, shape, impossible }) => isFresh && shape === need.shape && impossible.length === 0,
    );
    if (!areEqual || rules.orderMatters) return undefined;
    return new Hope(rules, need, engine.run.view.storage.version);
  }

  /** Whether the changes may have brought what it hopes for. */
  isRaisedBy({ rows, facts }: EngineChanges, engine: PlacementEngine): boolean {
    if (rows === undefined) return true;
    // Another node may be one more value over which members are spread, or one less.
    if (facts.length > 0 && this.#rules.relative.length > 0) return true;
    if (this.#need.volumes.length > 0 && engine.run.view.storage.version !== this.#storage) return true;
    return rows.some((row) => this.#rules.isEligible(row) && this.#fits(row, engine));
  }

  #fits(row: number, { run }: PlacementEngine): boolean {
    const node = run.view.nodeTable.facts[row];
    if (node === undefined || !resourcesFit(run.scratch, row, this.#need.amount)) return false;
    return volumesFit({ ...run, node, row }, this.#need);
  }
}
