import { API_VERSION } from '../api/group.ts';
import type { Decision, Decline } from '../core/allocator/decision.ts';
import type { AppRef, Demand } from '../core/allocator/demand.ts';
import { readNumber } from '../core/app/read-field.ts';
import type { Victim } from '../core/fairness/reclaim.ts';
import type { Clock } from '../kube/clock.ts';
import { NotLeaderError } from '../kube/errors.ts';
import type { EventRecorder, EventText } from '../kube/events.ts';
import { objectKey } from '../kube/kube-object.ts';
import { POD_DISRUPTION_BUDGET } from '../kube/resource-type.ts';
import type { Writer } from '../kube/writer.ts';
import type { Stores } from './caches.ts';
import type { Log } from './log.ts';
import type { OperatorMetrics } from './metrics.ts';
import type { LeavingMember, ReclaimClaim, ReclaimClaims } from './reclaim-claims.ts';
import type { ReclaimEviction } from './reclaim-eviction.ts';
import type { Leaving } from './reclaim-live-check.ts';
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
/** An eviction that was refused is tried again: later each time. */
const FIRST_TRY_SECONDS = 1;
const MOST_TRY_SECONDS = 15;
/** Slots that could not be given up by then change too much: what was found is not so any more. */
const GIVE_UP_SECONDS = 15;
/** Apps of which it is known for whom they lost a member. */
const REMEMBERED = 1000;

/**
 * Brings guarantees back that were lent out: after a turn it lets members of revocable frameworks go for one who was declined for lack of
 * room, and keeps for that one what they leave. One decision is under way at a time; nobody is asked to go for a claimant for whom
 * somebody goes already. See ReclaimEviction for the order of writes.
 */
export class Reclaimer {
  readonly #options: ReclaimerOptions;
  /** By UID of the app: which member it lost last, and for whom. */
  readonly #lost = new Map<string, { readonly member: string; readonly text: string }>();
  #isTicking = false;

  constructor(options: ReclaimerOptions) {
    this.#options = options;
  }

  /** To be called before each turn: what is freed for some is not there for others. */
  beforeTurn(): void {
    const { claims, clock, demands } = this.#options;
    if (claims.all.length === 0) return;
    for (const claim of claims.all) this.#noteGone(claim);
    claims.renew(demands(), clock.epochSeconds(), (claim, end) => {
      const { search, log } = this.#options;
      log.info({ ...entryOf(claim), end }, 'nothing is freed for the app any more');
      if (end === 'in vain') search.inVain(claim.app.uid, clock.epochSeconds());
    });
  }

  /** To be called after each turn. Never throws. */
  async afterTurn(decisions: readonly Decision[], demands: readonly Demand[]): Promise<void> {
    const { claims, search, clock, log } = this.#options;
    try {
      for (const claim of claims.all) await this.#carryOn(claim);
      if (claims.all.some(isBegun)) return;
      const open = demands.filter(({ app }) => claims.of(app.uid) === undefined);
      const leaving = new Set(claims.all.flatMap(({ members }) => members.map(({ podUid }) => podUid)));
      const { found, again } = search.next({ decisions, demands: open, leaving }, clock.epochSeconds());
      if (found !== undefined) await this.#begin(found);
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
  explain(decline: Decline): Decline {
    const claim = this.#options.claims.of(decline.app.uid);
    const said = claim === undefined ? [] : [waitsFor(claim)];
    const lost = this.#lost.get(decline.app.uid);
    if (lost !== undefined && this.#isAsked(decline.app, lost.member)) said.push(lost.text);
    if (said.length === 0) return decline;
    // Room is on its way: no node need be added.
    const waits = claim === undefined ? {} : { wantsNodes: false };
    return { ...decline, ...waits, message: `${said.join('; ')}; ${decline.message}` };
  }

  /** The app has all that it wants. */
  forget(appUid: string): void {
    this.#lost.delete(appUid);
  }

  async #begin({ demand, reclaim }: Found): Promise<void> {
    const { claims, clock, search } = this.#options;
    const leaving = reclaim.victims.map((victim) => this.#leavingOf(victim));
    const members = leaving.flatMap((one) => one ?? []);
    // The slot or the pod changed since the view was asked.
    if (members.length < leaving.length || !(await this.#wouldGo(demand, members))) {
      search.inVain(demand.app.uid, clock.epochSeconds());
      this.#later(FIRST_TRY_SECONDS);
      return;
    }
    const claim = claims.add(reclaim, demand, members, clock.epochSeconds());
    this.#tell(claim.app, reclaiming(claim));
    await this.#carryOn(claim);
  }

  #leavingOf({ app, framework, member, node }: Victim): Leaving | undefined {
    const slots = this.#options.reservations.newest(app)?.spec.slots ?? [];
    const slot = slots.find((one) => one.member === member && one.node === node && one.state === 'Claimed');
    return slot === undefined ? undefined : { app: { ...app, framework }, member, node, podUid: slot.podUID };
  }

  /** Nobody goes when one of them would not: then the others would go in vain. */
  async #wouldGo({ app }: Demand, members: readonly Leaving[]): Promise<boolean> {
    for (const leaving of members) {
      const answer = await this.#options.eviction.ask(leaving);
      if (answer.kind === 'done') continue;
      if (answer.kind === 'refused') this.#refused(app, leaving, answer.message);
      return false;
    }
    for (const together of byApp(members)) {
      const most = together.length < 2 ? 1 : await this.#budgetOf(together);
      const excess = together[most];
      if (excess === undefined) continue;
      this.#refused(app, excess, `its disruption budget lets ${most} go now, not ${together.length}`);
      return false;
    }
    return true;
  }

  /** How many of them the app's own budget lets go. */
  async #budgetOf(members: readonly Leaving[]): Promise<number> {
    const [first] = members;
    if (first === undefined) return 0;
    const budget = await this.#options.writer.get(POD_DISRUPTION_BUDGET, first.app.namespace, first.app.name);
    return budget === undefined ? members.length : (readNumber(budget, 'status', 'disruptionsAllowed') ?? 0);
  }

  #refused(claimant: AppRef, leaving: Leaving, message: string): void {
    const { spared, clock, search, log } = this.#options;
    const seconds = spared.refused(leaving.podUid, clock.epochSeconds());
    log.info({ namespace: leaving.app.namespace, member: leaving.member, message, seconds }, 'a member cannot go now');
    this.#tell(claimant, heldUp(leaving, message, seconds));
    clock.after(seconds, () => {
      search.forget();
      this.#options.nudge();
    });
  }

  async #carryOn(claim: ReclaimClaim): Promise<void> {
    const now = this.#options.clock.epochSeconds();
    // A claimant that asks no more, or not now, makes nobody go.
    const isAsking = this.#options.demands().some(({ app }) => app.uid === claim.app.uid);
    if (!isAsking || !isBegun(claim) || now < claim.nextTrySeconds) return;
    if (!(await this.#giveUpAll(claim))) {
      if (now - claim.sinceSeconds > GIVE_UP_SECONDS) this.#fail(claim);
      else this.#retry(claim);
      return;
    }
    for (const member of claim.members) {
      // It may have ended while the API server answered.
      if (this.#options.claims.of(claim.app.uid) !== claim) return;
      if (member.stage === 'given up' && !(await this.#evict(claim, member))) return;
    }
    delete claim.heldUpBy;
  }

  async #giveUpAll(claim: ReclaimClaim): Promise<boolean> {
    for (const members of byApp(claim.members.filter(({ stage }) => stage === 'chosen'))) {
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
      if (answer.final === true) this.#fail(claim, member);
      else this.#retry(claim);
      return false;
    }
    member.stage = 'stopping';
    if (answer.kind === 'gone') return true;
    metrics.reclaimed(member.app.framework, claim.framework);
    log.info({ ...entryOf(claim), victim: objectKey(member.app.namespace, member.member) }, 'evicted a member');
    this.#tell(member.app, reclaimed(claim, member));
    this.#remember(member.app.uid, { member: member.member, text: `${member.member} was evicted ${forWhom(claim)}` });
    return true;
  }

  #retry(claim: ReclaimClaim): void {
    const seconds = Math.min(MOST_TRY_SECONDS, FIRST_TRY_SECONDS * 2 ** claim.tries);
    claim.tries += 1;
    claim.nextTrySeconds = this.#options.clock.epochSeconds() + seconds;
    this.#later(seconds);
  }

  /** Those whose slots were given up and who did not go have them again after a while. */
  #fail(claim: ReclaimClaim, member?: Leaving): void {
    const { claims, search, clock } = this.#options;
    claims.end(claim);
    search.inVain(claim.app.uid, clock.epochSeconds());
    if (member !== undefined) this.#refused(claim.app, member, claim.heldUpBy ?? '');
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

  #isAsked({ uid }: AppRef, member: string): boolean {
    const demand = this.#options.demands().find(({ app }) => app.uid === uid);
    return demand?.members.some((one) => one.member === member) === true;
  }

  #remember(appUid: string, what: { readonly member: string; readonly text: string }): void {
    this.#lost.delete(appUid);
    this.#lost.set(appUid, what);
    const [oldest] = this.#lost.keys();
    if (this.#lost.size > REMEMBERED && oldest !== undefined) this.#lost.delete(oldest);
  }

  #tell({ namespace, name, uid }: AppRef, event: EventText): void {
    this.#options.events.record({ apiVersion: API_VERSION, kind: 'PersistentApp', namespace, name, uid }, event);
  }

  #later(seconds: number): void {
    this.#options.clock.after(seconds, () => this.#options.nudge());
  }

  /** Nothing changes when time is up: so what is under way is looked after until it has ended. */
  #tick(): void {
    if (this.#isTicking || this.#options.claims.all.length === 0) return;
    this.#isTicking = true;
    this.#options.clock.after(TICK_SECONDS, () => {
      this.#isTicking = false;
      this.beforeTurn();
      this.#options.nudge();
      this.#tick();
    });
  }
}

/** Whether somebody is still to be asked to go. */
function isBegun({ members }: ReclaimClaim): boolean {
  return members.some(({ stage }) => stage === 'chosen' || stage === 'given up');
}

function byApp<T extends Leaving>(members: readonly T[]): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const member of members) groups.set(member.app.uid, [...(groups.get(member.app.uid) ?? []), member]);
  return [...groups.values()];
}

function entryOf({ app, framework, members }: ReclaimClaim): object {
  const victims = members.map(({ app, member, node }) => `${objectKey(app.namespace, member)} on ${node}`);
  return { namespace: app.namespace, app: app.name, framework, victims };
}
