import { isDeepStrictEqual } from 'node:util';
import type { Slot } from '../api/reservation.ts';
import type { Decision, Tenant } from '../core/allocator/decision.ts';
import type { Demand } from '../core/allocator/demand.ts';
import { type DemandUnit, demandUnits } from '../core/allocator/gang-units.ts';
import { isGivenUp } from '../core/app/given-up-slot.ts';
import { parseTime } from '../core/app/rfc3339.ts';
import { type HeldSlot, readHeldSlots } from '../core/facts/held-slot.ts';
import { isLackOfRoom } from '../core/fairness/nearest-row.ts';
import { type Reclaim, reclaim } from '../core/fairness/reclaim.ts';
import type { ClusterView } from '../core/view/cluster-view.ts';
import type { Clock } from '../kube/clock.ts';
import type { Stores } from './caches.ts';
import { STOP_SECONDS } from './reclaim-claims.ts';

/** Before a claimant for whom nobody was found is looked at again: longer each time. */
const FIRST_SECONDS = 2;
const MOST_SECONDS = 60;

/** After a look, at least so many times as long as it took: the rest of the process must have its share. */
const REST_PER_LOOK = 10;

interface Fruitless {
  /** The state of the world in which nobody was found. */
  readonly stamp: string;
  /** For whom. */
  readonly asked: readonly Demand[];
  readonly untilSeconds: number;
  readonly times: number;
}

/** After a turn. */
export interface AfterTurn {
  readonly decisions: readonly Decision[];
  /** All that it was about. */
  readonly demands: readonly Demand[];
  /** Whether somebody goes already for the app of this UID. */
  readonly isServed: (appUid: string) => boolean;
  /** UIDs of pods that go for somebody. */
  readonly leaving: ReadonlySet<string>;
}

export interface Found {
  /** The first of those that are served together, by which they go. */
  readonly lead: Demand;
  readonly reclaim: Reclaim;
}

const UNKNOWN = { stamp: '', asked: [] } as const;

export interface ReclaimSearchOptions {
  readonly view: ClusterView;
  readonly stores: Pick<Stores, 'reservations'>;
  readonly tenants: () => readonly Tenant[];
  readonly isSpared: (held: HeldSlot, now: number) => boolean;
  /** Tells how long something takes; see Clock. */
  readonly clock: Pick<Clock, 'monotonicSeconds'>;
}

/**
 * Looks among the declined for one whose guarantee can come back. A look costs about as much as a turn: there is one at most after each
 * turn, none twice in the same world, and none while nothing is both guaranteed and revocable.
 */
export class ReclaimSearch {
  readonly #options: ReclaimSearchOptions;
  readonly #fruitless = new Map<string, Fruitless>();
  /** On the monotonic clock. */
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor(options: ReclaimSearchOptions) {
    this.#options = options;
  }

  /**
   * The first, in the order of the decisions, for whom others may be asked to go. `again`: in how many seconds to ask again, since somebody
   * is left who was not looked at. `now` is epoch seconds.
   */
  next(turn: AfterTurn, now: number): { readonly found?: Found; readonly again?: number } {
    const tenants = this.#options.tenants();
    if (!tenants.some(({ revocable }) => revocable)) return {};
    const stamp = this.#stamp();
    const open = this.#waiting(turn, tenants).filter((unit) => !this.#isKnown(unit, stamp));
    if (open.length === 0) return {};
    const leaving = this.#leaving();
    const later = { again: FIRST_SECONDS };
    if (leaving.some(({ slot }) => isLeftBehind(slot, turn.leaving, now))) return later;
    const due = open.find(({ lead }) => (this.#fruitless.get(lead.app.uid)?.untilSeconds ?? 0) <= now);
    const started = this.#options.clock.monotonicSeconds();
    if (due === undefined || started < this.#restsUntil) return later;
    const found = this.#look(due, tenants, leaving, now);
    const ended = this.#options.clock.monotonicSeconds();
    this.#restsUntil = ended + REST_PER_LOOK * (ended - started);
    if (found !== undefined) return { found: { lead: due.lead, reclaim: found } };
    this.inVain(due.lead.app.uid, now, { stamp, asked: due.demands });
    return open.length > 1 ? later : {};
  }

  /** Those that were declined for lack of room and have a guarantee; apps of a gang together. */
  #waiting({ decisions, demands, isServed }: AfterTurn, tenants: readonly Tenant[]): readonly DemandUnit[] {
    const guaranteed = new Set(tenants.flatMap(({ name, guarantee }) => (isEmpty(guarantee) ? [] : [name])));
    const places = new Map(decisions.map((decision, place) => [decision.app.uid, { decision, place }]));
    for (const uid of this.#fruitless.keys()) if (!places.has(uid)) this.#fruitless.delete(uid);
    const placeOf = ({ lead }: DemandUnit): number => places.get(lead.app.uid)?.place ?? decisions.length;
    return demandUnits(demands)
      .filter(
        (unit) =>
          unit.demands.some(({ framework }) => guaranteed.has(framework)) &&
          unit.demands.every(({ app }) => !isServed(app.uid) && mayClaim(places.get(app.uid)?.decision)),
      )
      .toSorted((a, b) => placeOf(a) - placeOf(b));
  }

  /** What was found for the app came to nothing: it is looked at later. */
  inVain(appUid: string, now: number, known: Pick<Fruitless, 'asked' | 'stamp'> = UNKNOWN): void {
    const times = this.#fruitless.get(appUid)?.times ?? 0;
    const untilSeconds = now + Math.min(MOST_SECONDS, FIRST_SECONDS * 2 ** times);
    this.#fruitless.set(appUid, { ...known, untilSeconds, times: times + 1 });
  }

  /** Whether it was looked for just these in just this world. */
  #isKnown({ lead, demands }: DemandUnit, stamp: string): boolean {
    const known = this.#fruitless.get(lead.app.uid);
    return known?.stamp === stamp && isDeepStrictEqual(known.asked, demands);
  }

  /** Somebody may be asked who was spared: what was found out before does not count. */
  forget(): void {
    for (const [uid, known] of this.#fruitless) this.#fruitless.set(uid, { ...known, stamp: '' });
  }

  /** For all members that ask; if that cannot be, for as many as must start. */
  #look(
    { demands }: DemandUnit,
    tenants: readonly Tenant[],
    leaving: readonly HeldSlot[],
    now: number,
  ): Reclaim | undefined {
    const { view, isSpared } = this.#options;
    const world = { isSpared: (held: HeldSlot) => isSpared(held, now), leaving };
    const all = demands.map((demand) => ({ ...demand, minMembers: demand.members.length }));
    const isMore = demands.some(({ members, minMembers }) => members.length > Math.max(1, minMembers));
    const whole = isMore ? reclaim(view, tenants, all, now, world) : undefined;
    return whole ?? reclaim(view, tenants, demands, now, world);
  }

  #leaving(): readonly HeldSlot[] {
    return this.#options.stores.reservations
      .list()
      .filter(({ spec }) => spec.slots.some(isGivenUp))
      .flatMap((reservation) => readHeldSlots(reservation).filter(({ slot }) => isGivenUp(slot)));
  }

  #stamp(): string {
    const { generationCount } = this.#options.view;
    const { members, storage, pods } = this.#options.view.versions();
    return `${generationCount} ${members} ${storage} ${pods}`;
  }
}

/**
 * An earlier leader, or a decision that came to nothing, let the member go: what it leaves may be what is asked for, so nobody else is
 * asked before it is gone, or has its slot again. One that takes too long to stop is not waited for.
 */
function isLeftBehind({ podUID, holdUntil }: Slot, known: ReadonlySet<string>, now: number): boolean {
  return !known.has(podUID) && now < (parseTime(holdUntil) ?? 0) + STOP_SECONDS;
}

function mayClaim(decision: Decision | undefined): boolean {
  return decision?.kind === 'decline' && Object.keys(decision.nodesByReason).some((one) => isLackOfRoom(one));
}

function isEmpty(resources: object): boolean {
  return Object.keys(resources).length === 0;
}
