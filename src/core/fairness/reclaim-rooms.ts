import type { HeldSlot } from '../facts/held-slot.ts';
import { placementOf } from '../allocator/level-two-built-in.ts';
import type { Pending } from '../allocator/level-two.ts';
import type { AppPlacement } from '../placement/app-placement.ts';
import type { MemberNeed } from '../placement/member-need.ts';
import type { PlacementEngine } from '../placement/placement-engine.ts';
import type { Lenders } from './lenders.ts';

/** One app of those that are served together: who may be asked to go for it; undefined: nobody, so it takes what is free. */
export interface RoomSeeker {
  readonly pending: Pending;
  readonly lenders: Lenders | undefined;
}

/** Of a node: which members would have to go, and what that costs. */
interface Option {
  readonly row: number;
  readonly victims: readonly HeldSlot[];
}

interface Seat {
  readonly need: MemberNeed;
  readonly placement: AppPlacement;
  readonly lenders: Lenders | undefined;
  /** How many nodes its app's rules allow, whatever room there is. */
  readonly allowed: number;
}

/**
 * Who must go so that all members of these apps find places, member by member on one scratch: those first for whom others may go, then
 * whoever is allowed on fewest nodes, then the largest. Undefined: not all find one. The scratch is left as it then is.
 */
export function victimsFor(
  engine: PlacementEngine,
  seekers: readonly RoomSeeker[],
  isSpared: (held: HeldSlot) => boolean,
): readonly HeldSlot[] | undefined {
  const victims: HeldSlot[] = [];
  const gang = seekers.length > 1 ? seekers.map(({ pending }) => pending) : [];
  const seats = seekers.flatMap(({ pending, lenders }): readonly Seat[] => {
    const placement = placementOf(engine, pending, gang);
    const allowed = countOf(placement.rules.eligible());
    return pending.needs.map((need) => ({ need, placement, lenders, allowed }));
  });
  for (const seat of seats.toSorted(goesFirst)) {
    const free = seat.placement.best(seat.need);
    const option = free === undefined ? new NodeSearch(seat, victims, isSpared).best() : { row: free, victims: [] };
    if (option === undefined) return undefined;
    for (const victim of option.victims) {
      victims.push(victim);
      // What is known of those who go is shared by all who ask.
      seat.lenders?.release(victim);
      engine.run.scratch.lift({ appUid: victim.appUid, member: victim.slot.member }, []);
    }
    seat.placement.put(seat.need, option.row);
  }
  return victims;
}

function goesFirst(a: Seat, b: Seat): number {
  const [borrows, other] = [a.lenders === undefined, b.lenders === undefined].map(Number);
  return (borrows ?? 0) - (other ?? 0) || a.allowed - b.allowed || sizeOf(b.need) - sizeOf(a.need);
}

/** CPU, in the first column. */
function sizeOf({ amount }: MemberNeed): number {
  return amount.values[amount.columns.indexOf(0)] ?? 0;
}

function countOf(items: Iterable<unknown>): number {
  let count = 0;
  for (const _item of items) count += 1;
  return count;
}

/** For one member: the node that is freed for it at least cost. */
class NodeSearch {
  readonly #seat: Seat;
  readonly #gone: readonly HeldSlot[];
  readonly #isSpared: (held: HeldSlot) => boolean;

  constructor(seat: Seat, gone: readonly HeldSlot[], isSpared: (held: HeldSlot) => boolean) {
    this.#seat = seat;
    this.#gone = gone;
    this.#isSpared = isSpared;
  }

  best(): Option | undefined {
    const { placement, lenders } = this.#seat;
    if (lenders === undefined) return undefined;
    const { names } = placement.run.view.nodeTable;
    let best: Option | undefined;
    for (const row of placement.rules.eligible()) {
      const victims = this.#victimsOn(lenders, row);
      if (victims === undefined) continue;
      const option = { row, victims };
      if (best === undefined || isBetter(option, best, names)) best = option;
    }
    return best;
  }

  /** The fewest there whose going makes the member fit; undefined: not even all together. */
  #victimsOn(lenders: Lenders, row: number): readonly HeldSlot[] | undefined {
    const chosen: HeldSlot[] = [];
    const loans = lenders.copy();
    let lacking: ReadonlySet<string> | undefined;
    for (const victim of lenders.candidatesOn(row, this.#gone)) {
      lacking ??= this.#lackingWithout(row, chosen);
      if (this.#isSpared(victim) || !loans.mayGo(victim, lacking)) continue;
      loans.release(victim);
      chosen.push(victim);
      lacking = this.#lackingWithout(row, chosen);
      if (lacking.size === 0) return this.#needed(row, chosen);
    }
    return undefined;
  }

  /** Leaves out whoever need not go after all, those first that were to go last. */
  #needed(row: number, chosen: readonly HeldSlot[]): readonly HeldSlot[] {
    let kept = chosen;
    for (const victim of chosen.toReversed()) {
      const fewer = kept.filter((one) => one !== victim);
      if (this.#lackingWithout(row, fewer).size === 0) kept = fewer;
    }
    return kept;
  }

  /** What is in the member's way once these are gone: names of resources, reasons of what has no measure. */
  #lackingWithout(row: number, victims: readonly HeldSlot[]): ReadonlySet<string> {
    const { placement, need } = this.#seat;
    const { scratch } = placement.run;
    const mark = scratch.mark();
    for (const { appUid, slot } of victims) scratch.lift({ appUid, member: slot.member }, []);
    const lacking = new Set<string>();
    placement.tell(row, need, (reason, _message, measure) => lacking.add(measure?.what ?? reason));
    scratch.rollback(mark);
    return lacking;
  }
}

/** Fewer members, then fewer with volumes, then those that came last, then by name. */
function isBetter(option: Option, than: Option, names: readonly string[]): boolean {
  const count = option.victims.length - than.victims.length;
  if (count !== 0) return count < 0;
  const volumes = withVolumes(option) - withVolumes(than);
  if (volumes !== 0) return volumes < 0;
  const [newest, other] = [firstAccepted(option), firstAccepted(than)];
  return newest === other ? (names[option.row] ?? '') < (names[than.row] ?? '') : newest > other;
}

function withVolumes({ victims }: Option): number {
  return victims.filter(({ slot }) => slot.volumes.length > 0).length;
}

function firstAccepted({ victims }: Option): string {
  return victims.reduce((first, { slot }) => (slot.acceptedAt < first ? slot.acceptedAt : first), '~');
}
