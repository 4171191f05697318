import type { AppPlacement } from './app-placement.ts';
import type { MemberNeed } from './member-need.ts';

export interface PlacedMember {
  readonly need: MemberNeed;
  readonly row: number;
}

/** Either everybody's place, or the member that stands for why not and those that fitted beside it. */
export type GangOutcome =
  | { readonly kind: 'placed'; readonly placed: readonly PlacedMember[]; readonly steps: number }
  | {
      readonly kind: 'refused';
      readonly blocked: MemberNeed;
      readonly beside: readonly PlacedMember[];
      readonly steps: number;
    };

/** How many placements are tried for a gang at most, taken-back ones included. One step looks at every eligible node once. */
export function maxSteps(members: number): number {
  return 60 + 4 * members;
}

/**
 * Places the members whole or not at all: all of them when that is found within maxSteps, else as many of the lowest ordinals as are,
 * if those are `minMembers` at least; a member that fits nowhere even alone is left out first. Most constrained members go first. Other
 * choices are tried only where they can matter: equal members fill nodes, zones and regions in any order to the same number, so
 * backtracking is for members that differ, for a Cluster without a value, and for constraints on several labels of no known nesting.
 * The placements are on the scratch when it returns; after a refusal those of `beside`, so that the caller can explain with them in
 * place, and then roll back to its own mark.
 */
export function placeGang(placement: AppPlacement, needs: readonly MemberNeed[], minMembers: number): GangOutcome {
  const [only] = needs;
  if (only !== undefined && needs.length === 1 && only.isFresh && placement.pods === undefined) {
    return placeAlone(placement, only);
  }
  const search = new Search(placement, maxSteps(needs.length));
  const byOrdinal = needs.length === 1 ? needs : needs.toSorted((a, b) => a.demand.ordinal - b.demand.ordinal);
  return areEqual(byOrdinal) && !placement.rules.orderMatters && placement.pods?.orderMatters !== true
    ? search.inOrder(byOrdinal, minMembers)
    : search.bySubsets(byOrdinal, minMembers);
}

/** The frequent case: there is nobody to choose another place for. */
function placeAlone(placement: AppPlacement, need: MemberNeed): GangOutcome {
  const row = placement.best(need);
  if (row === undefined) return { kind: 'refused', blocked: need, beside: [], steps: 1 };
  placement.put(need, row);
  return { kind: 'placed', placed: [{ need, row }], steps: 1 };
}

class Search {
  readonly #placement: AppPlacement;
  readonly #maxSteps: number;
  readonly #placed: PlacedMember[] = [];
  #steps = 0;

  constructor(placement: AppPlacement, maxSteps: number) {
    this.#placement = placement;
    this.#maxSteps = maxSteps;
  }

  /** Equal members: the first that finds no place ends it, the rest would not either. */
  inOrder(needs: readonly MemberNeed[], minMembers: number): GangOutcome {
    for (const need of needs) {
      const row = this.#placement.best(need);
      this.#steps += 1;
      if (row === undefined && this.#placed.length < Math.max(1, minMembers)) return this.#refuse(need);
      if (row === undefined) break;
      this.#put(need, row);
    }
    return { kind: 'placed', placed: this.#placed, steps: this.#steps };
  }

  bySubsets(needs: readonly MemberNeed[], minMembers: number): GangOutcome {
    const admitting = new Map(needs.map((need) => [need, this.#placement.countAdmitting(need, COUNTED)]));
    const placeable = needs.filter((need) => (admitting.get(need) ?? 0) > 0);
    const least = Math.max(1, minMembers);
    for (let count = placeable.length; count >= least; count -= 1) {
      const order = placeable.slice(0, count).toSorted((a, b) => (admitting.get(a) ?? 0) - (admitting.get(b) ?? 0));
      if (this.#descend(order, 0)) return { kind: 'placed', placed: [...this.#placed], steps: this.#steps };
    }
    const alone = needs.find((need) => admitting.get(need) === 0);
    if (placeable.length < least && alone !== undefined) return this.#refuse(alone);
    return this.#explainDeepest(placeable);
  }

  #descend(order: readonly MemberNeed[], depth: number): boolean {
    const need = order[depth];
    if (need === undefined) return true;
    const tried = new Set<string>();
    while (this.#steps < this.#maxSteps) {
      const isTried = (candidate: number): boolean => tried.has(this.#alternative(candidate));
      const row = this.#placement.best(need, tried.size === 0 ? undefined : isTried);
      this.#steps += 1;
      if (row === undefined) return false;
      tried.add(this.#alternative(row));
      const takeBack = this.#put(need, row);
      if (this.#descend(order, depth + 1)) return true;
      takeBack();
    }
    return false;
  }

  /** What counts as another choice: another node; while a Cluster has no value yet, another value. */
  #alternative(row: number): string {
    const together = this.#placed.length === 0 ? this.#placement.pods?.alternative(row) : undefined;
    if (together !== undefined) return together;
    const free = this.#placement.rules.relative.find(
      ({ reason, key }) => reason === 'ConstraintCluster' && this.#placement.counts(key).size === 0,
    );
    return (free === undefined ? undefined : this.#placement.run.values.of(free.key)[row]) ?? `row ${row}`;
  }

  /** Places greedily as far as it goes, for the explanation only. */
  #explainDeepest(needs: readonly MemberNeed[]): GangOutcome {
    for (const need of needs) {
      const row = this.#placement.best(need);
      if (row === undefined) return this.#refuse(need);
      this.#put(need, row);
    }
    // Greedy in this order fits after all, though the search ran out of steps before it came to it.
    return { kind: 'placed', placed: [...this.#placed], steps: this.#steps };
  }

  #refuse(blocked: MemberNeed): GangOutcome {
    return { kind: 'refused', blocked, beside: [...this.#placed], steps: this.#steps };
  }

  #put(need: MemberNeed, row: number): () => void {
    const undo = this.#placement.put(need, row);
    this.#placed.push({ need, row });
    return () => {
      this.#placed.pop();
      undo();
    };
  }
}

/** Enough to tell constrained members from free ones. */
const COUNTED = 64;

function areEqual(needs: readonly MemberNeed[]): boolean {
  return needs.every((need) => need.isFresh && need.shape === needs[0]?.shape);
}
