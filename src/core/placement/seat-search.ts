import type { AppPlacement } from './app-placement.ts';
import type { MemberNeed } from './member-need.ts';

/** A member that is to be placed, and its app's placement; the placements of several apps share one scratch. */
export interface Seat {
  /** Its app's place among those that are placed together. */
  readonly app: number;
  readonly placement: AppPlacement;
  readonly need: MemberNeed;
  /** How many nodes admit it while nobody of the gang is placed. */
  readonly admitting: number;
}

export interface Seated {
  readonly seat: Seat;
  readonly row: number;
}

/** What looks at so many nodes costs about as much as the rest of a turn. */
const LOOKS = 20_000;
const MOST_MORE = 2000;

/**
 * How many placements are tried for a gang at most, taken-back ones included. One step looks at every eligible node once, so that small
 * clusters, of which all arrangements can be tried, have more of them.
 */
export function maxSteps(members: number, nodes: number): number {
  return 60 + 4 * members + Math.min(MOST_MORE, Math.floor(LOOKS / Math.max(1, nodes)));
}

/** Placements that may still be tried, over all searches for one gang. */
export class StepBudget {
  taken = 0;
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get left(): number {
    return Math.max(0, this.#most - this.taken);
  }
}

/** All seats with their rows; or the one that found none beside the others. `isWhole`: no arrangement was left out. */
export type SeatingOutcome =
  | { readonly kind: 'placed'; readonly placed: readonly Seated[] }
  | {
      readonly kind: 'refused';
      readonly blocked: Seat;
      readonly beside: readonly Seated[];
      readonly isWhole: boolean;
      /** Takes back those beside whom it found none. */
      readonly takeBack: () => void;
    };

/**
 * Places all of the seats, or as many as go one after another: whoever fits on fewest nodes first, then the larger, then as they come. Takes
 * at most `part` of what is left of the budget for trying other ways.
 */
export function seatTogether(seats: readonly Seat[], budget: StepBudget, part: number): SeatingOutcome {
  const ordered = seats.toSorted(mostConstrainedFirst);
  const most = Math.ceil(budget.left * part);
  const isByValue = ordered.some(({ placement }) => standsForValue(placement));
  const ways = isByValue ? [true, false] : [false];
  let isWhole = true;
  for (const byValue of ways) {
    const share = byValue ? Math.ceil(most / 2) : most;
    const search = new SeatSearch(ordered, { budget, until: budget.taken + Math.min(share, budget.left), byValue });
    const found = search.run();
    if (found === 'placed') return { kind: 'placed', placed: search.placed };
    isWhole = found === 'no way';
    // Of equals, any node of a value is as good as another.
    if (byValue && isWhole && areAllEqual(ordered)) break;
  }
  return asFarAsItGoes(ordered, isWhole);
}

/** One after another. */
function asFarAsItGoes(seats: readonly Seat[], isWhole: boolean): SeatingOutcome {
  const placed: Seated[] = [];
  const undo: (() => void)[] = [];
  for (const seat of seats) {
    const row = seat.placement.best(seat.need);
    if (row === undefined) {
      const takeBack = (): void => undo.toReversed().forEach((one) => one());
      return { kind: 'refused', blocked: seat, beside: placed, isWhole, takeBack };
    }
    undo.push(seat.placement.put(seat.need, row));
    placed.push({ seat, row });
  }
  return { kind: 'placed', placed };
}

function standsForValue({ rules, pods }: AppPlacement): boolean {
  return pods?.orderMatters === true || rules.relative.some(({ reason }) => reason === 'ConstraintCluster');
}

function mostConstrainedFirst(a: Seat, b: Seat): number {
  return a.admitting - b.admitting || sizeOf(b.need) - sizeOf(a.need) || a.app - b.app;
}

/** CPU, in the first column. */
export function sizeOf({ amount }: MemberNeed): number {
  return amount.values[amount.columns.indexOf(0)] ?? 0;
}

function areAllEqual([first, ...others]: readonly Seat[]): boolean {
  return others.every(({ placement, need }) => {
    return placement === first?.placement && need.isFresh && first.need.isFresh && need.shape === first.need.shape;
  });
}

interface SearchOptions {
  readonly budget: StepBudget;
  /** Gives up when so many steps are taken in all. */
  readonly until: number;
  /** Where nodes stand for a value that all members will share, only one node of each value is tried (see alternativeOf). */
  readonly byValue: boolean;
}

/**
 * Places all of these seats in their order, or none. Every other choice is tried while the budget lasts, so that `no way` is true of all
 * arrangements in that order; but where one of two equal members found nothing the other is not tried. `cut short`: some were not.
 */
class SeatSearch {
  readonly placed: Seated[] = [];
  readonly #seats: readonly Seat[];
  readonly #options: SearchOptions;

  constructor(seats: readonly Seat[], options: SearchOptions) {
    this.#seats = seats;
    this.#options = options;
  }

  run(): 'placed' | 'no way' | 'cut short' {
    if (this.#descend(0, NOWHERE)) return 'placed';
    return this.#isSpent() ? 'cut short' : 'no way';
  }

  /** `known`: what was tried for an equal member just before this one, in vain. */
  #descend(depth: number, known: ReadonlySet<string>): boolean {
    const seat = this.#seats[depth];
    if (seat === undefined) return true;
    const tried = new Set(known);
    const isEqualNext = areEqual(seat, this.#seats[depth + 1]);
    while (!this.#isSpent()) {
      const isTried = (row: number): boolean => tried.has(this.#choiceOf(seat, row));
      const row = seat.placement.best(seat.need, tried.size === 0 ? undefined : isTried);
      this.#options.budget.taken += 1;
      if (row === undefined) return false;
      const choice = this.#choiceOf(seat, row);
      const takeBack = this.#put(seat, row);
      if (this.#descend(depth + 1, isEqualNext ? tried : NOWHERE)) return true;
      takeBack();
      tried.add(choice);
    }
    return false;
  }

  #isSpent(): boolean {
    const { budget, until } = this.#options;
    return budget.taken >= until;
  }

  #choiceOf(seat: Seat, row: number): string {
    return (this.#options.byValue ? alternativeOf(seat, row, this.placed) : undefined) ?? `row ${row}`;
  }

  #put(seat: Seat, row: number): () => void {
    const undo = seat.placement.put(seat.need, row);
    this.placed.push({ seat, row });
    return () => {
      this.placed.pop();
      undo();
    };
  }
}

const NOWHERE: ReadonlySet<string> = new Set();

/** Whether two members fit wherever one of them does, and nobody minds which is where. */
function areEqual({ placement, need }: Seat, next: Seat | undefined): boolean {
  if (next === undefined || next.placement !== placement || placement.pods !== undefined) return false;
  return need.isFresh && next.need.isFresh && need.shape === next.need.shape;
}

/** For the first member of an app that must be together: the value that its node has; undefined: every node is its own choice. */
function alternativeOf({ placement }: Seat, row: number, placed: readonly Seated[]): string | undefined {
  const isFirst = !placed.some(({ seat }) => seat.placement === placement);
  const together = isFirst ? placement.pods?.alternative(row) : undefined;
  if (together !== undefined) return together;
  const free = placement.rules.relative.find(
    ({ reason, key }) => reason === 'ConstraintCluster' && placement.counts(key).size === 0,
  );
  return free === undefined ? undefined : placement.run.values.of(free.key)[row];
}
