import type { AcceptedSlot, Decline } from '../core/allocator/decision.ts';
import type { AppRef, Demand } from '../core/allocator/demand.ts';
import type { Guaranteed } from '../core/fairness/reclaim-coverage.ts';
import type { Reclaim, ReclaimEarmark } from '../core/fairness/reclaim.ts';
import type { Resources } from '../core/resources/resources.ts';
import type { ClusterView } from '../core/view/cluster-view.ts';
import type { Claimants } from './reclaim-claimants.ts';
import type { Leaving } from './reclaim-live-check.ts';
import { withSetAside } from './set-aside.ts';

/** How far a member has gone: its slot is still its own; is given up; its pod was asked to stop; that is gone. */
export type LeavingStage = 'chosen' | 'given up' | 'stopping' | 'gone';

export interface LeavingMember extends Leaving {
  stage: LeavingStage;
}

/** What is freed for one app, or for the apps of a gang together, for as long as they wait for that. Times are epoch seconds. */
export interface ReclaimClaim {
  /** The app whose framework is guaranteed the room; of a gang the first of those. */
  readonly app: AppRef;
  readonly framework: string;
  readonly guarantee: Guaranteed;
  /** Where the members of each app will be; the lead of a gang first. */
  readonly parts: readonly ReclaimEarmark[];
  readonly members: readonly LeavingMember[];
  readonly sinceSeconds: number;
  lastAskedSeconds: number;
  /** Since when all have gone. */
  clearSeconds?: number;
  /** Why somebody does not go yet. */
  heldUpBy?: string;
  tries: number;
  nextTrySeconds: number;
}

/** UID of the app by which a claim goes: the lead's. */
export function leadOf({ parts, app }: ReclaimClaim): string {
  return parts[0]?.app.uid ?? app.uid;
}

/** An app that is gone from the queue for a moment may be about to ask again. */
const ABSENT_SECONDS = 10;
/** What was freed is kept for its claimant for so long; then somebody else must have taken it, and all is looked at anew. */
const PLACE_SECONDS = 30;
/** A pod that takes longer to stop is not waited for. */
export const STOP_SECONDS = 600;

/** When all is looked at anew at the latest, epoch seconds: whole ones, as people are told. */
function untilOf({ sinceSeconds, clearSeconds }: ReclaimClaim): number {
  return Math.floor(clearSeconds === undefined ? sinceSeconds + STOP_SECONDS : clearSeconds + PLACE_SECONDS);
}

/** `withdrawn`: one of the claimants is gone, or has asked for nothing for a while. `in vain`: its time is up. */
export type ClaimEnd = 'placed' | 'withdrawn' | 'in vain';

type Ended = (claim: ReclaimClaim, end: ClaimEnd) => void;

/**
 * Who waits for what is being freed. The places of claimants count as taken by them in the resource view: for all others there is no room,
 * and what their frameworks have is that much more. This is known to one leader only; the next one works it out anew.
 */
export class ReclaimClaims {
  readonly #view: Pick<ClusterView, 'assume' | 'forget' | 'nodeTable' | 'slotOf'>;
  readonly #claimants: Claimants;
  readonly #claims = new Set<ReclaimClaim>();
  /** By UID of each of its apps. */
  readonly #ofApp = new Map<string, ReclaimClaim>();

  constructor(view: Pick<ClusterView, 'assume' | 'forget' | 'nodeTable' | 'slotOf'>, claimants: Claimants) {
    this.#view = view;
    this.#claimants = claimants;
  }

  get all(): readonly ReclaimClaim[] {
    return [...this.#claims];
  }

  of(appUid: string): ReclaimClaim | undefined {
    return this.#ofApp.get(appUid);
  }

  /** Notes who goes for whom; from now on the places are the claimants'. */
  add({ claimant, guarantee, earmarks }: Reclaim, members: readonly Leaving[], now: number): ReclaimClaim {
    const claim: ReclaimClaim = {
      ...claimant,
      guarantee,
      parts: earmarks,
      members: members.map((leaving) => ({ ...leaving, stage: 'chosen' })),
      sinceSeconds: now,
      lastAskedSeconds: now,
      tries: 0,
      nextTrySeconds: now,
    };
    this.#claims.add(claim);
    for (const { app, places, framework } of earmarks) {
      this.#ofApp.set(app.uid, claim);
      this.#view.assume(app, places, framework);
    }
    return claim;
  }

  /** At what time one of them ends if nothing happens, epoch seconds; Infinity: there is none. */
  get nextEndSeconds(): number {
    return Math.min(...this.all.map((claim) => Math.min(untilOf(claim), claim.lastAskedSeconds + ABSENT_SECONDS)));
  }

  /** Ends claims of which nothing is left to wait for; the places of the others are theirs. To be called before and after each turn. */
  renew(demands: readonly Demand[], now: number, ended: Ended): void {
    const asked = new Map(demands.map((demand) => [demand.app.uid, demand]));
    for (const claim of this.#claims) {
      if (claim.parts.every(({ app }) => asked.has(app.uid))) claim.lastAskedSeconds = now;
      const end = this.#endOf(claim, asked, now);
      if (end === undefined) {
        for (const part of claim.parts) this.#keep(part, asked.get(part.app.uid));
        continue;
      }
      this.end(claim);
      ended(claim, end);
    }
  }

  end(claim: ReclaimClaim): void {
    this.#claims.delete(claim);
    for (const { app } of claim.parts) {
      this.#ofApp.delete(app.uid);
      this.#view.forget(app);
    }
  }

  /** The decline of an app for which nobody goes, with what is kept for others of what it lacks. `demand` is what it asks for now. */
  toldOthers(decline: Decline, demand: Demand | undefined): Decline {
    const rooms = this.all.flatMap((claim) => {
      const times = { sinceSeconds: claim.sinceSeconds, untilSeconds: untilOf(claim) };
      return claim.parts.map((part) => ({ ...part, ...times }));
    });
    return rooms.length === 0 ? decline : withSetAside(decline, demand, rooms, this.#freeOn);
  }

  readonly #freeOn = (node: string, returned: Resources): Resources => {
    const { nodeTable } = this.#view;
    const row = nodeTable.rowOf(node);
    return row === undefined ? {} : nodeTable.free(row, nodeTable.columns.amount(returned));
  };

  /**
   * A decision over some of its members may have taken away the places of the others, too; and so does a write that came to nothing, after
   * which it asks again in a moment.
   */
  #keep({ app, places, framework }: ReclaimEarmark, demand: Demand | undefined): void {
    const lost = places.filter(
      (place) =>
        (demand === undefined || isAsked(place, demand)) && this.#view.slotOf(app.uid, place.member) === undefined,
    );
    if (lost.length > 0) this.#view.assume(app, lost, framework);
  }

  /** `asked` is by UID of the app. Apps of a gang are placed together: when one of them has its places they all have. */
  #endOf(claim: ReclaimClaim, asked: ReadonlyMap<string, Demand>, now: number): ClaimEnd | undefined {
    const { isThere } = this.#claimants;
    if (!claim.parts.every(({ app }) => isThere(app))) return 'withdrawn';
    const asking = claim.parts.flatMap((part) => {
      const demand = asked.get(part.app.uid);
      return demand === undefined ? [] : [{ part, demand }];
    });
    if (this.#arePlaced(claim) || (asking.length > 0 && !isOpen(asking))) return 'placed';
    if (now >= untilOf(claim)) return 'in vain';
    const isAbsent = asking.length < claim.parts.length && now - claim.lastAskedSeconds >= ABSENT_SECONDS;
    return isAbsent ? 'withdrawn' : undefined;
  }

  #arePlaced({ parts }: ReclaimClaim): boolean {
    const { isPlaced } = this.#claimants;
    return parts.every(({ app, places }) => places.every(({ member }) => isPlaced(app, member)));
  }
}

/** An app of a claim, with what it asks for now. */
interface AskingPart {
  readonly part: ReclaimEarmark;
  readonly demand: Demand;
}

function isAsked({ member }: AcceptedSlot, demand: Demand | undefined): boolean {
  return demand?.members.some((one) => one.member === member) === true;
}

/** Whether one of them still asks for what is freed, and all as they did: charged to the same frameworks. */
function isOpen(asking: readonly AskingPart[]): boolean {
  const isOther = asking.some(({ part, demand }) => part.framework !== demand.framework);
  return !isOther && asking.some(({ part, demand }) => part.places.some((place) => isAsked(place, demand)));
}
