import type { AppPlacement } from './app-placement.ts';
import type { MemberNeed } from './member-need.ts';
import {
  type Seat,
  type Seated,
  type SeatingOutcome,
  StepBudget,
  maxSteps,
  seatTogether,
  sizeOf,
} from './seat-search.ts';

/** One app whose members are placed with those of others, on one scratch. */
export interface SeatingApp {
  readonly placement: AppPlacement;
  /** By ordinal. */
  readonly needs: readonly MemberNeed[];
  readonly minMembers: number;
}

/** What searches may take of the steps that are left: for all members, then for the lowest ordinals, then for those that fit easiest. */
const PART_FOR_ALL = 1 / 3;
const PART_FOR_FIRST = 2 / 3;

/**
 * Places several apps together, whole or not at all: all members when that is found within maxSteps; else of each app `minMembers`, the
 * lowest ordinals or, when no places are found for these, those that most nodes admit and that are least; and then as many more as find a place. Members that
 * fit nowhere even alone are left out first. The placements are on the scratch when it returns; after a refusal those beside which the
 * blocked member found no place. `steps`: placements that were tried.
 */
export function seatGang(apps: readonly SeatingApp[]): SeatingOutcome & { readonly steps: number } {
  const seats = apps.map(seatsOf);
  const [first] = apps;
  const members = apps.reduce((sum, { needs }) => sum + needs.length, 0);
  const budget = new StepBudget(maxSteps(members, first?.placement.run.view.nodeCount ?? 0));
  for (const [app, asked] of apps.entries()) {
    const alone = fitsNowhere(asked, app, seats[app] ?? []);
    if (alone !== undefined)
      return { kind: 'refused', blocked: alone, beside: [], isWhole: true, takeBack: () => undefined, steps: 0 };
  }
  const isMore = apps.some((app, i) => (seats[i]?.length ?? 0) > leastOf(app));
  const all = isMore ? seatTogether(seats.flat(), budget, PART_FOR_ALL) : undefined;
  if (all?.kind === 'placed') return { ...all, steps: budget.taken };
  all?.takeBack();
  const outcome = seatLeast(apps, seats, budget);
  if (outcome.kind === 'refused') return { ...outcome, steps: budget.taken };
  const taken = new Set(outcome.placed.map(({ seat }) => seat));
  const more = placeMore(seats.flat().filter((seat) => !taken.has(seat)));
  return { kind: 'placed', placed: [...outcome.placed, ...more], steps: budget.taken };
}

function seatLeast(
  apps: readonly SeatingApp[],
  seats: readonly (readonly Seat[])[],
  budget: StepBudget,
): SeatingOutcome {
  const least = (of: readonly (readonly Seat[])[]): readonly Seat[] =>
    of.flatMap((all, app) => all.slice(0, leastOf(apps[app])));
  const first = least(seats);
  const easiest = least(seats.map((all) => all.toSorted(easiestFirst)));
  const hasOthers = easiest.some((seat) => !first.includes(seat));
  const outcome = seatTogether(first, budget, hasOthers ? PART_FOR_FIRST : 1);
  if (outcome.kind === 'placed' || !hasOthers) return outcome;
  outcome.takeBack();
  const other = seatTogether(easiest, budget, 1);
  if (other.kind === 'placed') return other;
  other.takeBack();
  // The lowest ordinals are what is to be told of.
  const told = seatTogether(first, budget, 0);
  return told.kind === 'placed' ? told : { ...told, isWhole: outcome.isWhole && other.isWhole };
}

function easiestFirst(a: Seat, b: Seat): number {
  return b.admitting - a.admitting || sizeOf(a.need) - sizeOf(b.need);
}

/** A member without which its app has too few, and that no node admits even alone. */
function fitsNowhere(
  { placement, needs, minMembers }: SeatingApp,
  app: number,
  seats: readonly Seat[],
): Seat | undefined {
  if (seats.length >= Math.max(1, minMembers)) return undefined;
  const need = needs.find((one) => !seats.some((seat) => seat.need === one));
  return need === undefined ? undefined : { app, placement, need, admitting: 0 };
}

function leastOf(app: SeatingApp | undefined): number {
  return Math.max(1, app?.minMembers ?? 1);
}

/** The members that some node admits. Equal ones are counted once. */
function seatsOf({ placement, needs }: SeatingApp, app: number): readonly Seat[] {
  const byShape = new Map<string, number>();
  return needs.flatMap((need) => {
    const known = need.isFresh ? byShape.get(need.shape) : undefined;
    const admitting = known ?? placement.countAdmitting(need, Number.POSITIVE_INFINITY);
    if (need.isFresh) byShape.set(need.shape, admitting);
    return admitting === 0 ? [] : [{ app, placement, need, admitting }];
  });
}

function placeMore(seats: readonly Seat[]): readonly Seated[] {
  const placed: Seated[] = [];
  for (const seat of seats) {
    const row = seat.placement.best(seat.need);
    if (row === undefined) continue;
    seat.placement.put(seat.need, row);
    placed.push({ seat, row });
  }
  return placed;
}
