import { API_VERSION } from '../api/group.ts';
import type { Decision, Decline } from '../core/allocator/decision.ts';
import type { AppRef, Demand } from '../core/allocator/demand.ts';
import type { Clock } from '../kube/clock.ts';
import { NotLeaderError } from '../kube/errors.ts';
import type { EventRecorder, EventText } from '../kube/events.ts';
import { objectKey } from '../kube/kube-object.ts';
import type { Writer } from '../kube/writer.ts';
import type { Stores } from './caches.ts';
import type { Log } from './log.ts';
import type { OperatorMetrics } from './metrics.ts';
import { PATIENCE_SECONDS, endsWithin } from './patience.ts';
import { ReclaimAsking } from './reclaim-asking.ts';
import { type ReclaimClaim, type ReclaimClaims, leadOf } from './reclaim-claims.ts';
import { ReclaimClearing, entryOf, isBegun } from './reclaim-clearing.ts';
import type { ReclaimEviction } from './reclaim-eviction.ts';
import type { Leaving } from './reclaim-live-check.ts';
import { ReclaimLosses } from './reclaim-losses.ts';
import type { Found, ReclaimSearch } from './reclaim-search.ts';
import type { ReclaimSpared } from './reclaim-spared.ts';
import { forWhom, heldUp, reclaimed, reclaiming, waitsFor } from './reclaim-words.ts';
import type { ReservationWriter } from './reservation-writer.ts';

export interface ReclaimerOptions {
  readonly stores: Pick<Stores, 'pods'>;
  readonly writer: Pick<Writer, 'get'>;
  readonly reservations: Pick<ReservationWriter, 'newest'>;
  readonly claims: ReclaimClaims;
  readonly search: ReclaimSearch;
  readonly spared: ReclaimSpared;
  readonly eviction: ReclaimEviction;
  readonly demands: () => readonly Demand[];
  /** A turn is to be taken. */
  readonly nudge: () => void;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly clock: Pick<Clock, 'after' | 'epochSeconds'>;
  readonly metrics: Pick<OperatorMetrics, 'reclaimed'>;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

/** While something is under way, it is looked after so often though nothing changes. */
const TICK_SECONDS = 3;

/** A timer may fire a little early; it is not set again for less. */
const SOONEST_SECONDS = 0.05;

/** Before it is looked again for who may go, when who was found changed meanwhile. */
const AGAIN_SECONDS = 1;

/** What is done after one turn. */
interface Pass {
  /** The next turn did not wait for it: what it was about may have changed, so it ends with the request that it waits for. */
  isLeft: boolean;
}

/**
 * Brings guarantees back that were lent out: after a turn it lets members of revocable frameworks go for apps that were declined for lack
 * of room, and keeps for these what they leave. One decision is under way at a time; nobody is asked to go for a claimant for whom
 * somebody goes already. See ReclaimEviction for the order of writes. A request that hangs holds up no turn: that goes on, and the room is kept.
 */
export class Reclaimer {
  readonly #options: ReclaimerOptions;
  readonly #asking: ReclaimAsking;
  readonly #clearing: ReclaimClearing;
  readonly #losses = new ReclaimLosses();
  #isTicking = false;
  #pass: Pass | undefined;

  constructor(options: ReclaimerOptions) {
    this.#options = options;
    this.#asking = new ReclaimAsking(options);
    this.#clearing = new ReclaimClearing({
      ...options,
      later: (seconds) => this.#later(seconds),
      evicted: (claim, member) => this.#lost(claim, member),
      failed: (claim, member) => this.#fail(claim, member),
    });
  }

  /** To be called before each turn: what is freed for some is not there for others. */
  beforeTurn(): void {
    const { claims, clock, demands } = this.#options;
    if (claims.all.length === 0) return;
    for (const claim of claims.all) this.#noteGone(claim);
    claims.renew(demands(), clock.epochSeconds(), (claim, end) => {
      const { search, log } = this.#options;
      log.info({ ...entryOf(claim), end }, 'nothing is freed for the app any more');
      if (end === 'in vain') search.inVain(leadOf(claim), clock.epochSeconds());
    });
  }

  /** Whoever was refused in this turn because of what has now ended is not to wait for anything else to happen. */
  #endPlaced(): void {
    const { claims, nudge } = this.#options;
    const before = claims.all.length;
    this.beforeTurn();
    if (claims.all.length < before) nudge();
  }

  /**
   * To be called after each turn, with all demands that it was about. Returns when it is done, or has taken so long that others' turns are
   * to go on: the room that it is about is kept then, nothing new is begun, and after its end a turn is due. Never throws.
   */
  async afterTurn(decisions: readonly Decision[], demands: readonly Demand[]): Promise<void> {
    const { clock, nudge } = this.#options;
    if (this.#pass !== undefined) return;
    const pass: Pass = { isLeft: false };
    this.#pass = pass;
    const work = this.#work(pass, decisions, demands).then(() => {
      this.#pass = undefined;
      if (pass.isLeft) nudge();
    });
    if (await endsWithin(clock, PATIENCE_SECONDS, work)) return;
    pass.isLeft = true;
    this.#asking.keepPlaces();
    this.#tick();
  }

  async #work(pass: Pass, decisions: readonly Decision[], demands: readonly Demand[]): Promise<void> {
    const { claims, search, clock, log } = this.#options;
    const turn = { demands, isOver: () => pass.isLeft };
    try {
      this.#endPlaced();
      for (const claim of claims.all) await this.#clearing.carryOn(claim, turn);
      if (pass.isLeft || claims.all.some(isBegun)) return;
      const leaving = new Set(claims.all.flatMap(({ members }) => members.map(({ podUid }) => podUid)));
      const isServed = (appUid: string): boolean => claims.of(appUid) !== undefined;
      const { found, again } = search.next({ decisions, demands, isServed, leaving }, clock.epochSeconds());
      const claim = found === undefined ? undefined : await this.#begin(found);
      if (claim !== undefined) await this.#clearing.carryOn(claim, turn);
      if (again !== undefined) this.#later(again);
    } catch (error) {
      // Nothing to retry: this process is about to end.
      if (error instanceof NotLeaderError) return;
      log.warn({ err: error }, 'a guarantee that was lent out could not be brought back; that is tried again');
      this.#later(TICK_SECONDS);
    } finally {
      this.#tick();
    }
  }

  /** The decline with what this has to say about it. */
  explain(answer: Decline): Decline {
    const claim = this.#options.claims.of(answer.app.uid);
    const decline = claim === undefined ? this.#options.claims.toldOthers(answer, this.#demandOf(answer.app)) : answer;
    const said = claim === undefined ? [] : [waitsFor(claim)];
    const lost = this.#losses.of(decline.app.uid);
    if (lost !== undefined && this.#isAsked(decline.app, lost.member)) said.push(lost.text);
    if (said.length === 0) return decline;
    // Room is on its way: no node need be added.
    const waits = claim === undefined ? {} : { wantsNodes: false };
    return { ...decline, ...waits, message: `${said.join('; ')}; ${decline.message}` };
  }

  /** The app has all that it wants. */
  forget(appUid: string): void {
    this.#losses.forget(appUid);
  }

  async #begin({ lead, reclaim }: Found): Promise<ReclaimClaim | undefined> {
    const { clock, search } = this.#options;
    const asked = await this.#asking.ask(reclaim);
    if (asked.kind === 'refused') {
      if (asked.by !== undefined) this.#refused(reclaim.earmarks, asked.by.leaving, asked.by.message);
      search.inVain(lead.app.uid, clock.epochSeconds());
      this.#later(AGAIN_SECONDS);
      return undefined;
    }
    for (const { app } of asked.claim.parts) this.#tell(app, reclaiming(asked.claim));
    return asked.claim;
  }

  #refused(claimants: readonly { readonly app: AppRef }[], leaving: Leaving, message: string): void {
    const { spared, clock, search, log } = this.#options;
    const seconds = spared.refused(leaving.podUid, clock.epochSeconds());
    log.info({ namespace: leaving.app.namespace, member: leaving.member, message, seconds }, 'a member cannot go now');
    for (const { app } of claimants) this.#tell(app, heldUp(leaving, message, seconds));
    clock.after(seconds, () => {
      search.forget();
      this.#options.nudge();
    });
  }

  #lost(claim: ReclaimClaim, member: Leaving): void {
    this.#tell(member.app, reclaimed(claim, member));
    this.#losses.note(member.app.uid, {
      member: member.member,
      text: `${member.member} was evicted ${forWhom(claim)}`,
    });
  }

  /** Those whose slots were given up and who did not go have them again after a while. */
  #fail(claim: ReclaimClaim, member?: Leaving): void {
    const { claims, search, clock } = this.#options;
    claims.end(claim);
    search.inVain(leadOf(claim), clock.epochSeconds());
    if (member !== undefined) this.#refused(claim.parts, member, claim.heldUpBy ?? '');
    this.#later(TICK_SECONDS);
  }

  #noteGone(claim: ReclaimClaim): void {
    const { stores, clock } = this.#options;
    for (const member of claim.members) {
      if (member.stage !== 'stopping') continue;
      const pod = stores.pods.get(objectKey(member.app.namespace, member.member));
      if (pod?.uid !== member.podUid) member.stage = 'gone';
    }
    if (claim.members.every(({ stage }) => stage === 'gone')) claim.clearSeconds ??= clock.epochSeconds();
  }

  #isAsked(app: AppRef, member: string): boolean {
    return this.#demandOf(app)?.members.some((one) => one.member === member) === true;
  }

  #demandOf({ uid }: AppRef): Demand | undefined {
    return this.#options.demands().find(({ app }) => app.uid === uid);
  }

  #tell({ namespace, name, uid }: AppRef, event: EventText): void {
    this.#options.events.record({ apiVersion: API_VERSION, kind: 'PersistentApp', namespace, name, uid }, event);
  }

  #later(seconds: number): void {
    this.#options.clock.after(seconds, () => this.#options.nudge());
  }

  /** Nothing changes when time is up: so what is under way is looked after until it has ended, and at the moment at which it does. */
  #tick(): void {
    const { claims, clock } = this.#options;
    if (this.#isTicking || claims.all.length === 0) return;
    this.#isTicking = true;
    const left = Math.max(SOONEST_SECONDS, claims.nextEndSeconds - clock.epochSeconds());
    clock.after(Math.min(TICK_SECONDS, left), () => {
      this.#isTicking = false;
      this.beforeTurn();
      this.#options.nudge();
      this.#tick();
    });
  }
}
