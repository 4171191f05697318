import type { AppPlacement } from './app-placement.ts';
import type { MemberNeed } from './member-need.ts';
import { seatGang } from './seat-gang.ts';
import type { Seated } from './seat-search.ts';

export interface PlacedMember {
  readonly need: MemberNeed;
  readonly row: number;
}

/**
 * Either everybody's place, or the member that stands for why not and those that fitted beside it. `isWhole`: every arrangement of those
 * who must start was tried; false: more of them than are tried.
 */
export type GangOutcome =
  | { readonly kind: 'placed'; readonly placed: readonly PlacedMember[]; readonly steps: number }
  | {
      readonly kind: 'refused';
      readonly blocked: MemberNeed;
      readonly beside: readonly PlacedMember[];
      readonly steps: number;
      readonly isWhole: boolean;
    };

/**
 * Places the members of one app whole or not at all; see seatGang. Most constrained members go first. Other choices are tried only where they can matter: equal members fill nodes, zones
 * and regions in any order to the same number, so backtracking is for members that differ, for a Cluster without a value, and for
 * constraints on several labels of no known nesting. The placements are on the scratch when it returns; after a refusal those of `beside`,
 * so that the caller can explain with them in place, and then roll back to its own mark.
 */
export function placeGang(placement: AppPlacement, needs: readonly MemberNeed[], minMembers: number): GangOutcome {
  const [only] = needs;
  if (only !== undefined && needs.length === 1 && only.isFresh && placement.pods === undefined) {
    return placeAlone(placement, only);
  }
  const byOrdinal = needs.length === 1 ? needs : needs.toSorted((a, b) => a.demand.ordinal - b.demand.ordinal);
  const least = Math.max(1, minMembers);
  return areEqual(byOrdinal) && !placement.rules.orderMatters && placement.pods?.orderMatters !== true
    ? placeInOrder(placement, byOrdinal, least)
    : outcomeOf(seatGang([{ placement, needs: byOrdinal, minMembers: least }]));
}

function outcomeOf(outcome: ReturnType<typeof seatGang>): GangOutcome {
  const { steps } = outcome;
  if (outcome.kind === 'placed') return { kind: 'placed', placed: outcome.placed.map(memberOf), steps };
  const { blocked, beside, isWhole } = outcome;
  return { kind: 'refused', blocked: blocked.need, beside: beside.map(memberOf), steps, isWhole };
}

/** The frequent case: there is nobody to choose another place for. */
function placeAlone(placement: AppPlacement, need: MemberNeed): GangOutcome {
  const row = placement.best(need);
  if (row === undefined) return { kind: 'refused', blocked: need, beside: [], steps: 1, isWhole: true };
  placement.put(need, row);
  return { kind: 'placed', placed: [{ need, row }], steps: 1 };
}

/** Equal members: the first that finds no place ends it, the rest would not either. */
function placeInOrder(placement: AppPlacement, needs: readonly MemberNeed[], least: number): GangOutcome {
  const placed: PlacedMember[] = [];
  let steps = 0;
  for (const need of needs) {
    const row = placement.best(need);
    steps += 1;
    if (row === undefined && placed.length < least)
      return { kind: 'refused', blocked: need, beside: placed, steps, isWhole: true };
    if (row === undefined) break;
    placement.put(need, row);
    placed.push({ need, row });
  }
  return { kind: 'placed', placed, steps };
}

function areEqual(needs: readonly MemberNeed[]): boolean {
  return needs.every((need) => need.isFresh && need.shape === needs[0]?.shape);
}

function memberOf({ seat, row }: Seated): PlacedMember {
  return { need: seat.need, row };
}
