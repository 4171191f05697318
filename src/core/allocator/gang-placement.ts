import type { AppPlacement } from '../placement/app-placement.ts';
import type { MemberNeed } from '../placement/member-need.ts';
import { type PlacedMember, maxSteps } from '../placement/place-gang.ts';

/** One app of a gang, with its rules; all apps of a gang share one scratch. */
export interface GangApp {
  readonly placement: AppPlacement;
  /** By ordinal. */
  readonly needs: readonly MemberNeed[];
  readonly minMembers: number;
}

/** One list of places for each app: of all who must start and more; or of those beside which the blocked member found none. */
export type AppsOutcome =
  | { readonly kind: 'placed'; readonly placed: readonly (readonly PlacedMember[])[] }
  | {
      readonly kind: 'refused';
      readonly app: number;
      readonly blocked: MemberNeed;
      readonly beside: readonly (readonly PlacedMember[])[];
    };

interface Seat {
  readonly app: number;
  readonly placement: AppPlacement;
  readonly need: MemberNeed;
  /** How many nodes admit it while nobody of the gang is placed. */
  readonly admitting: number;
}

/**
 * Places several apps together, whole or not at all: of each at least `minMembers`, the lowest ordinals that fit anywhere, and as many
 * more as find a place then. Whoever fits on fewest nodes goes first, whichever app it is of; what does not come out is tried in
 * other ways, within maxSteps. The placements are on the scratch when it returns; after a refusal those beside which the blocked member
 * found no place, so that the caller can explain with them there, and then roll back to its own mark.
 */
export function placeApps(apps: readonly GangApp[]): AppsOutcome {
  const seats = apps.map(seatsOf);
  const required = seats.flatMap((all, app) => all.slice(0, leastOf(apps[app])));
  for (const [app, wanted] of apps.entries()) {
    const alone = fitsNowhere(wanted, seats[app] ?? []);
    if (alone !== undefined) return { kind: 'refused', app, blocked: alone, beside: apps.map(() => []) };
  }
  const search = new SeatSearch(required.toSorted(mostConstrainedFirst));
  const blocked = search.run();
  const placed: PlacedMember[][] = apps.map(() => []);
  for (const { seat, row } of search.placed) placed[seat.app]?.push({ need: seat.need, row });
  if (blocked !== undefined) return { kind: 'refused', app: blocked.app, blocked: blocked.need, beside: placed };
  for (const [app, all] of seats.entries()) placed[app]?.push(...placeMore(all.slice(leastOf(apps[app]))));
  return { kind: 'placed', placed };
}

/** A member without which its app has too few, and that no node admits even alone. */
function fitsNowhere({ needs, minMembers }: GangApp, seats: readonly Seat[]): MemberNeed | undefined {
  if (seats.length >= Math.max(1, minMembers)) return undefined;
  return needs.find((need) => !seats.some((seat) => seat.need === need));
}

function leastOf(app: GangApp | undefined): number {
  return Math.max(1, app?.minMembers ?? 1);
}

/** The members that some node admits. Equal ones are counted once. */
function seatsOf({ placement, needs }: GangApp, app: number): readonly Seat[] {
  const byShape = new Map<string, number>();
  return needs.flatMap((need) => {
    const known = need.isFresh ? byShape.get(need.shape) : undefined;
    const admitting = known ?? placement.countAdmitting(need, Number.POSITIVE_INFINITY);
    if (need.isFresh) byShape.set(need.shape, admitting);
    return admitting === 0 ? [] : [{ app, placement, need, admitting }];
  });
}

function mostConstrainedFirst(a: Seat, b: Seat): number {
  return a.admitting - b.admitting || sizeOf(b.need) - sizeOf(a.need) || a.app - b.app;
}

/** CPU, in the first column: of members that fit on equally many nodes the larger goes first. */
function sizeOf({ amount }: MemberNeed): number {
  return amount.values[amount.columns.indexOf(0)] ?? 0;
}

function placeMore(seats: readonly Seat[]): readonly PlacedMember[] {
  const placed: PlacedMember[] = [];
  for (const { placement, need } of seats) {
    const row = placement.best(need);
    if (row === undefined) continue;
    placement.put(need, row);
    placed.push({ need, row });
  }
  return placed;
}

class SeatSearch {
  readonly placed: { readonly seat: Seat; readonly row: number }[] = [];
  readonly #seats: readonly Seat[];
  readonly #maxSteps: number;
  #steps = 0;

  constructor(seats: readonly Seat[]) {
    this.#seats = seats;
    this.#maxSteps = maxSteps(seats.length);
  }

  /** Places all; else as many as go one after another, and answers the one that does not. */
  run(): Seat | undefined {
    return this.#descend(0) ? undefined : this.#asFarAsItGoes();
  }

  #descend(depth: number): boolean {
    const seat = this.#seats[depth];
    if (seat === undefined) return true;
    const tried = new Set<number>();
    while (this.#steps < this.#maxSteps) {
      const row = seat.placement.best(seat.need, (candidate) => tried.has(candidate));
      this.#steps += 1;
      if (row === undefined) return false;
      tried.add(row);
      const takeBack = this.#put(seat, row);
      if (this.#descend(depth + 1)) return true;
      takeBack();
    }
    return false;
  }

  #asFarAsItGoes(): Seat | undefined {
    for (const seat of this.#seats) {
      const row = seat.placement.best(seat.need);
      if (row === undefined) return seat;
      this.#put(seat, row);
    }
    return undefined;
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
