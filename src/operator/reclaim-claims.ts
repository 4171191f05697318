import type { AcceptedSlot } from '../core/allocator/decision.ts';
import type { AppRef, Demand } from '../core/allocator/demand.ts';
import type { Guaranteed, Reclaim } from '../core/fairness/reclaim.ts';
import type { ClusterView } from '../core/view/cluster-view.ts';
import type { Leaving } from './reclaim-live-check.ts';

/** How far a member has gone: its slot is still its own; is given up; its pod was asked to stop; that is gone. */
export type LeavingStage = 'chosen' | 'given up' | 'stopping' | 'gone';

export interface LeavingMember extends Leaving {
  stage: LeavingStage;
}

/** What is freed for one app, for as long as it waits for that. Times are epoch seconds. */
export interface ReclaimClaim {
  readonly app: AppRef;
  readonly framework: string;
  readonly guarantee: Guaranteed;
  readonly places: readonly AcceptedSlot[];
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

/** An app that is gone from the queue for a moment may be about to ask again. */
const ABSENT_SECONDS = 10;
/** What was freed is kept for its claimant for so long; then somebody else must have taken it, and all is looked at anew. */
const PLACE_SECONDS = 30;
/** A pod that takes longer to stop is not waited for. */
export const STOP_SECONDS = 600;

export type ClaimEnd = 'placed' | 'withdrawn' | 'in vain';

/**
 * Who waits for what is being freed. The places of claimants count as taken by them in the resource view: for all others there is no room,
 * and what their frameworks have is that much more. This is known to one leader only; the next one works it out anew.
 */
export class ReclaimClaims {
  readonly #view: Pick<ClusterView, 'assume' | 'forget' | 'slotOf'>;
  readonly #claims = new Map<string, ReclaimClaim>();

  constructor(view: Pick<ClusterView, 'assume' | 'forget' | 'slotOf'>) {
    this.#view = view;
  }

  get all(): readonly ReclaimClaim[] {
    return [...this.#claims.values()];
  }

  of(appUid: string): ReclaimClaim | undefined {
    return this.#claims.get(appUid);
  }

  /** Notes who goes for whom; from now on the places are the claimant's. */
  add(found: Reclaim, demand: Demand, members: readonly Leaving[], now: number): ReclaimClaim {
    const claim: ReclaimClaim = {
      app: demand.app,
      framework: demand.framework,
      guarantee: found.guarantee,
      places: found.earmark.places.map(({ member, node, resources }) => {
        const volumes = demand.members.find((one) => one.member === member)?.volumes ?? [];
        return { member, node, zone: '', resources, volumes: volumes.map((volume) => ({ ...volume, pinned: false })) };
      }),
      members: members.map((leaving) => ({ ...leaving, stage: 'chosen' })),
      sinceSeconds: now,
      lastAskedSeconds: now,
      tries: 0,
      nextTrySeconds: now,
    };
    this.#claims.set(demand.app.uid, claim);
    this.#view.assume(claim.app, claim.places, claim.framework);
    return claim;
  }

  /** Ends claims of which nothing is left to wait for; the places of the others are theirs. To be called before each turn. */
  renew(demands: readonly Demand[], now: number, ended: (claim: ReclaimClaim, end: ClaimEnd) => void): void {
    const asked = new Map(demands.map((demand) => [demand.app.uid, demand]));
    for (const claim of this.all) {
      const demand = asked.get(claim.app.uid);
      if (demand !== undefined) claim.lastAskedSeconds = now;
      const end = endOf(claim, demand, now);
      if (end === undefined) {
        if (demand !== undefined) this.#keep(claim, demand);
        continue;
      }
      this.end(claim);
      ended(claim, end);
    }
  }

  end(claim: ReclaimClaim): void {
    this.#claims.delete(claim.app.uid);
    this.#view.forget(claim.app);
  }

  /** A decision over some of its members may have taken away the places of the others, too. */
  #keep({ app, places, framework }: ReclaimClaim, demand: Demand): void {
    const isAsked = ({ member }: AcceptedSlot) => demand.members.some((one) => one.member === member);
    const lost = places.filter((place) => isAsked(place) && this.#view.slotOf(app.uid, place.member) === undefined);
    if (lost.length > 0) this.#view.assume(app, lost, framework);
  }
}

function endOf(claim: ReclaimClaim, demand: Demand | undefined, now: number): ClaimEnd | undefined {
  if (demand === undefined) return now - claim.lastAskedSeconds > ABSENT_SECONDS ? 'withdrawn' : undefined;
  const isOpen = claim.places.some(({ member }) => demand.members.some((one) => one.member === member));
  if (!isOpen || demand.framework !== claim.framework) return 'placed';
  const isStale = claim.clearSeconds !== undefined && now - claim.clearSeconds > PLACE_SECONDS;
  return isStale || now - claim.sinceSeconds > STOP_SECONDS ? 'in vain' : undefined;
}
