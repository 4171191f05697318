import type { Demand } from '../core/allocator/demand.ts';
import type { Clock } from '../kube/clock.ts';
import { objectKey } from '../kube/kube-object.ts';
import type { Log } from './log.ts';
import type { OperatorMetrics } from './metrics.ts';
import type { LeavingMember, ReclaimClaim, ReclaimClaims } from './reclaim-claims.ts';
import { byApp } from './reclaim-consent.ts';
import type { ReclaimEviction } from './reclaim-eviction.ts';
import type { Leaving } from './reclaim-live-check.ts';

/** An eviction that was refused is tried again: later each time. */
const FIRST_TRY_SECONDS = 1;
const MOST_TRY_SECONDS = 15;

/** Slots that could not be given up by then change too much: what was found is not so any more. */
const GIVE_UP_SECONDS = 15;

export interface ReclaimClearingOptions {
  readonly claims: Pick<ReclaimClaims, 'of'>;
  readonly eviction: Pick<ReclaimEviction, 'evict' | 'giveUp'>;
  /** All that wait now. */
  readonly demands: () => readonly Demand[];
  /** The claim is to be looked after again in so many seconds. */
  readonly later: (seconds: number) => void;
  readonly evicted: (claim: ReclaimClaim, member: Leaving) => void;
  /** It comes to nothing; `member` is who does not go. */
  readonly failed: (claim: ReclaimClaim, member?: Leaving) => void;
  readonly clock: Pick<Clock, 'epochSeconds'>;
  readonly metrics: Pick<OperatorMetrics, 'reclaimed'>;
  readonly log: Pick<Log, 'info'>;
}

/** The turn after which something is done. */
export interface ClearingTurn {
  /** All that it was about. */
  readonly demands: readonly Demand[];
  /** Whether the next one may have been taken, so that claimants may have got room meanwhile: then nobody else is made to go. */
  readonly isOver: () => boolean;
}

/** Carries a claim out: all slots are given up first, app by app; then the pods are evicted, one by one. */
export class ReclaimClearing {
  readonly #options: ReclaimClearingOptions;

  constructor(options: ReclaimClearingOptions) {
    this.#options = options;
  }

  /**
   * Goes as far as it goes now. Claimants that ask no more, or not now, make nobody go: of a gang all must be served in this turn. Throws
   * what the API server answered to writes of slots, and NotLeaderError.
   */
  async carryOn(claim: ReclaimClaim, turn: ClearingTurn): Promise<void> {
    const now = this.#options.clock.epochSeconds();
    if (!isBegun(claim) || now < claim.nextTrySeconds || !this.#isOpen(claim, turn)) return;
    if (!this.#isAsking(claim, turn.demands)) return;
    if (!(await this.#giveUpAll(claim, turn))) {
      if (now - claim.sinceSeconds > GIVE_UP_SECONDS) this.#options.failed(claim);
      else this.#retry(claim);
      return;
    }
    for (const member of claim.members) {
      if (!this.#isOpen(claim, turn)) return;
      if (member.stage === 'given up' && !(await this.#evict(claim, member))) return;
    }
    delete claim.heldUpBy;
  }

  /** It may have ended while the API server answered. */
  #isOpen(claim: ReclaimClaim, turn: ClearingTurn): boolean {
    return !turn.isOver() && this.#options.claims.of(claim.app.uid) === claim;
  }

  #isAsking({ parts }: ReclaimClaim, served: readonly Demand[]): boolean {
    const waiting = this.#options.demands();
    return parts.every(({ app }) => [waiting, served].every((all) => all.some((one) => one.app.uid === app.uid)));
  }

  async #giveUpAll(claim: ReclaimClaim, turn: ClearingTurn): Promise<boolean> {
    for (const members of byApp(claim.members.filter(({ stage }) => stage === 'chosen'))) {
      if (!this.#isOpen(claim, turn)) return true;
      if ((await this.#options.eviction.giveUp(members)) === 'conflict') return false;
      for (const member of members) member.stage = 'given up';
    }
    return true;
  }

  async #evict(claim: ReclaimClaim, member: LeavingMember): Promise<boolean> {
    const { eviction, metrics, log } = this.#options;
    const answer = await eviction.evict(member);
    if (answer.kind === 'refused') {
      claim.heldUpBy = answer.message;
      if (answer.final === true) this.#options.failed(claim, member);
      else this.#retry(claim);
      return false;
    }
    member.stage = 'stopping';
    if (answer.kind === 'gone') return true;
    metrics.reclaimed(member.app.framework, claim.framework);
    log.info({ ...entryOf(claim), victim: objectKey(member.app.namespace, member.member) }, 'evicted a member');
    this.#options.evicted(claim, member);
    return true;
  }

  #retry(claim: ReclaimClaim): void {
    const seconds = Math.min(MOST_TRY_SECONDS, FIRST_TRY_SECONDS * 2 ** claim.tries);
    claim.tries += 1;
    claim.nextTrySeconds = this.#options.clock.epochSeconds() + seconds;
    this.#options.later(seconds);
  }
}

/** Whether somebody is still to be asked to go. */
export function isBegun({ members }: ReclaimClaim): boolean {
  return members.some(({ stage }) => stage === 'chosen' || stage === 'given up');
}

/** For the log. */
export function entryOf({ parts, app, framework, members }: ReclaimClaim): object {
  const victims = members.map(({ app, member, node }) => `${objectKey(app.namespace, member)} on ${node}`);
  return { namespace: app.namespace, apps: parts.map((part) => part.app.name), framework, victims };
}
