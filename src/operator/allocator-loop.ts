import { isDeepStrictEqual } from 'node:util';
import type { Decision, Decline } from '../core/allocator/decision.ts';
import type { DeclineRecord } from '../core/allocator/decline-ledger.ts';
import { declined } from '../core/allocator/declined-unit.ts';
import type { AppRef, Demand } from '../core/allocator/demand.ts';
import { sleep, type Clock } from '../kube/clock.ts';
import { classify } from '../kube/errors.ts';
import { objectKey } from '../kube/kube-object.ts';
import { type Accept, acceptedTogether, placesOf } from './accepted-together.ts';
import type { Log } from './log.ts';
import type { OperatorMetrics } from './metrics.ts';
import type { GangWriter } from './gang-writer.ts';
import type { Reclaimer } from './reclaimer.ts';
import type { ReservationWriter, SlotWrite } from './reservation-writer.ts';
import { ServableDemands, type ServableDemandsOptions } from './servable-demands.ts';
import { ToldDeclines } from './told-declines.ts';

/** How many Reservations are written side by side. */
const WRITES_AT_ONCE = 8;

/** Before a demand whose slots could not be written is made again. */
const RETRY_SECONDS = 1;

/** How long a promise counts whose write had no answer. */
const UNSURE_SECONDS = 30;

/** Between two turns, at least so many times as long as the last one took: the rest of the process must have its share. */
const REST_PER_TURN = 4;

export interface AllocatorLoopOptions extends ServableDemandsOptions {
  readonly allocate: (demands: readonly Demand[], now: number) => readonly Decision[];
  readonly reservations: Pick<ReservationWriter, 'accept' | 'newest'>;
  readonly gangs: Pick<GangWriter, 'accept' | 'isUnsettled' | 'settleAll'>;
  /** Room that is about to be promised counts as taken from now on, until it is seen in a Reservation or forgotten. */
  readonly assume: (decision: Accept, framework: string) => void;
  readonly forget: (app: AppRef) => void;
  /** Brings guarantees back that were lent out. Absent: they stay lent. */
  readonly reclaimer?: Pick<Reclaimer, 'beforeTurn' | 'afterTurn' | 'explain' | 'forget'>;
  /** Called when an app must look again, after so many seconds: it got an answer that it has not seen. */
  readonly wake: (appKey: string, afterSeconds: number) => void;
  /** Called with each answer, for whoever counts. */
  readonly decided: (framework: string, decision: Decision) => void;
  /** Called when somebody waits who did not before, or waits no more, and after each turn. */
  readonly demandsChanged: () => void;
  readonly turnSeconds: number;
  readonly clock: Clock;
  readonly metrics: Pick<OperatorMetrics, 'turnTook'>;
  readonly log: Pick<Log, 'error' | 'info' | 'warn'>;
}

/**
 * Serves the demands of all apps, one turn at a time. A turn is taken after a demand changed or was withdrawn, after something changed
 * that may free room, and when room is let go that was kept in memory only (for a write without an answer, for a guarantee: no watch
 * tells of that). Never by the clock alone, so nothing happens at rest however many wait.
 */
export class AllocatorLoop {
  readonly #demands = new Map<string, Demand>();
  readonly #declines = new ToldDeclines();
  readonly #options: AllocatorLoopOptions;
  readonly #servable: ServableDemands;
  #due = false;
  #lastTurnSeconds = 0;
  #notify: () => void = () => undefined;

  constructor(options: AllocatorLoopOptions) {
    this.#options = options;
    this.#servable = new ServableDemands(options);
  }

  /** What an app wants now; undefined withdraws it. */
  want(appKey: string, demand: Demand | undefined): void {
    if (demand === undefined) {
      this.#declines.forget(appKey);
      if (!this.#demands.delete(appKey)) return;
      this.#options.demandsChanged();
      // What was kept for it is the others', and nothing else need ever change to tell them.
      this.nudge();
      return;
    }
    if (isDeepStrictEqual(this.#demands.get(appKey), demand)) return;
    this.#demands.set(appKey, demand);
    this.#options.demandsChanged();
    this.nudge();
  }

  /** The last answer to the app's demand, when it was no. */
  declineOf(appKey: string): Decline | undefined {
    return this.#declines.last(appKey);
  }

  /** What was declined of the app since it began to wait. */
  declinesOf(appKey: string): DeclineRecord | undefined {
    return this.#declines.record(appKey);
  }

  /** Something changed that may free room: whoever waits is looked at again. */
  nudge(): void {
    if (this.#demands.size === 0 && !this.#options.gangs.isUnsettled) return;
    this.#due = true;
    this.#notify();
  }

  pendingMembers(): number {
    return this.demands().reduce((sum, demand) => sum + demand.members.length, 0);
  }

  demands(): readonly Demand[] {
    return [...this.#demands.values()];
  }

  /** Takes turns until the signal aborts; a turn under way is finished. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#untilDue(signal);
      await sleep(
        this.#options.clock,
        Math.max(this.#options.turnSeconds, REST_PER_TURN * this.#lastTurnSeconds),
        signal,
      );
      if (signal.aborted) return;
      this.#due = false;
      await this.#turn();
    }
  }

  async #turn(): Promise<void> {
    const { servable: demands, waiting } = await this.#servable.of(this.#demands, () => this.nudge());
    for (const { demand, wait } of waiting)
      this.#declined({ ...declined(demand, 'GangIncomplete', wait), wantsNodes: false });
    if (demands.length === 0) return;
    const { reclaimer } = this.#options;
    reclaimer?.beforeTurn();
    const started = performance.now();
    const decisions = this.#decide(demands);
    this.#lastTurnSeconds = (performance.now() - started) / 1000;
    this.#options.metrics.turnTook(this.#lastTurnSeconds);
    for (const decision of decisions) this.#count(decision);
    for (const decision of decisions) if (decision.kind === 'decline') this.#declined(decision);
    const accepted = acceptedTogether(decisions, demands);
    const alone = accepted.filter((unit) => unit.length === 1);
    for (let at = 0; at < alone.length; at += WRITES_AT_ONCE) {
      await Promise.all(alone.slice(at, at + WRITES_AT_ONCE).map((unit) => this.#give(unit)));
    }
    for (const unit of accepted) if (unit.length > 1) await this.#give(unit);
    await reclaimer?.afterTurn(decisions, demands);
    this.#options.demandsChanged();
  }

  #decide(demands: readonly Demand[]): readonly Decision[] {
    try {
      return this.#options.allocate(demands, this.#options.clock.epochSeconds());
    } catch (error) {
      // A mistake of ours must not end the loop: what waits stays as it is, and the next change tries again.
      this.#options.log.error(
        { err: error, demands: demands.length },
        'the allocator failed; demands wait for the next change',
      );
      return [];
    }
  }

  #declined(answer: Decline): void {
    const decision = this.#options.reclaimer?.explain(answer) ?? answer;
    const key = objectKey(decision.app.namespace, decision.app.name);
    if (!this.#declines.note(decision, this.#options.clock.epochSeconds())) return;
    this.#options.log.info(
      {
        namespace: decision.app.namespace,
        app: decision.app.name,
        reason: decision.reason,
        nodes: decision.nodesByReason,
      },
      decision.message,
    );
    this.#options.wake(key, 0);
  }

  /** Unless one of them was deleted, or asks for nothing any more, since others' slots are written: a turn is due since then. */
  async #give(unit: readonly Accept[]): Promise<void> {
    if (unit.every((decision) => this.#isAsked(decision))) await this.#accepted(unit);
  }

  /** Writes the slots of one app, or of all apps of a gang. */
  async #accepted(unit: readonly Accept[]): Promise<void> {
    const { wake, log, assume, forget } = this.#options;
    const names = unit.map(({ app }) => objectKey(app.namespace, app.name));
    const entry = { apps: names };
    let retrySeconds = 0;
    for (const decision of unit) assume(decision, this.#frameworkOf(decision));
    try {
      const outcome = await this.#write(unit);
      for (const { app } of unit) forget(app);
      const slots = unit.flatMap((decision) => decision.slots);
      if (outcome === 'written') for (const { app } of unit) this.#options.reclaimer?.forget(app.uid);
      if (outcome === 'written') log.info({ ...entry, slots: placesOf(slots) }, `${slots.length} slots accepted`);
      if (outcome === 'conflict') retrySeconds = this.#letGo(unit, RETRY_SECONDS);
      else for (const key of names) this.#declines.forget(key);
    } catch (error) {
      // The write may have taken effect although no reply came: the room stays taken until a watch must have shown it.
      retrySeconds = this.#letGo(unit, classify(error) === 'terminal' ? RETRY_SECONDS : UNSURE_SECONDS);
      log.warn({ ...entry, err: error }, 'the accepted slots could not be written; the demand is served again');
    }
    // Whatever came of it, the app looks again and says what it still wants.
    for (const key of names) {
      this.#demands.delete(key);
      wake(key, retrySeconds);
    }
  }

  /** Nobody has the room after all: so long after it is anybody's, and others were refused because of it. When to ask again, in seconds. */
  #letGo(unit: readonly Accept[], seconds: number): number {
    this.#options.clock.after(seconds, () => {
      for (const { app } of unit) this.#options.forget(app);
      this.nudge();
    });
    return RETRY_SECONDS;
  }

  #isAsked({ app }: Accept): boolean {
    return this.#demands.get(objectKey(app.namespace, app.name))?.app.uid === app.uid;
  }

  #write(unit: readonly Accept[]): Promise<SlotWrite> {
    const { reservations, gangs } = this.#options;
    const parts = unit.map((decision) => ({
      owner: { ...decision.app, framework: this.#frameworkOf(decision) },
      slots: decision.slots,
    }));
    const [only, ...others] = parts;
    return only === undefined || others.length > 0 ? gangs.accept(parts) : reservations.accept(only.owner, only.slots);
  }

  #frameworkOf({ app }: Accept): string {
    return this.#demands.get(objectKey(app.namespace, app.name))?.framework ?? '';
  }

  #count(decision: Decision): void {
    const demand = this.#demands.get(objectKey(decision.app.namespace, decision.app.name));
    this.#options.decided(demand?.framework ?? '', decision);
  }

  async #untilDue(signal: AbortSignal): Promise<void> {
    if (this.#due || signal.aborted) return;
    const due = Promise.withResolvers<void>();
    this.#notify = due.resolve;
    signal.addEventListener('abort', this.#notify, { once: true });
    await due.promise;
    signal.removeEventListener('abort', this.#notify);
  }
}
