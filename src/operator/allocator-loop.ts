import { isDeepStrictEqual } from 'node:util';
import type { Decision } from '../core/allocator/decision.ts';
import type { AppRef, Demand } from '../core/allocator/demand.ts';
import { sleep, type Clock } from '../kube/clock.ts';
import { objectKey } from '../kube/kube-object.ts';
import type { Log } from './log.ts';
import type { OperatorMetrics } from './metrics.ts';
import { isUsable, type ReservationWriter } from './reservation-writer.ts';

export type Decline = Extract<Decision, { kind: 'decline' }>;
export type Accept = Extract<Decision, { kind: 'accept' }>;

/** How many refusals of one decline are kept; the counts per reason are of all. */
const KEPT_REFUSALS = 100;

/** How many Reservations are written side by side. */
const WRITES_AT_ONCE = 8;

/** Before a demand whose slots could not be written is made again. */
const RETRY_SECONDS = 1;

/** How long a promise counts whose write had no answer. */
const UNSURE_SECONDS = 30;

/** Slots that one log entry names. */
const LOGGED_SLOTS = 10;

/** Between two turns, at least so many times as long as the last one took: the rest of the process must have its share. */
const REST_PER_TURN = 4;

export interface AllocatorLoopOptions {
  readonly allocate: (demands: readonly Demand[], now: number) => readonly Decision[];
  readonly reservations: Pick<ReservationWriter, 'accept' | 'newest'>;
  /** Room that is about to be promised counts as taken from now on, until it is seen in a Reservation or forgotten. */
  readonly assume: (decision: Accept, framework: string) => void;
  readonly forget: (app: AppRef) => void;
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
 * Serves the demands of all apps, one turn at a time. A turn is taken after a demand changed or after something changed that may free
 * room, never by the clock, so nothing happens at rest however many wait.
 */
export class AllocatorLoop {
  readonly #demands = new Map<string, Demand>();
  readonly #declines = new Map<string, Decline>();
  readonly #options: AllocatorLoopOptions;
  #due = false;
  #lastTurnSeconds = 0;
  #notify: () => void = () => undefined;

  constructor(options: AllocatorLoopOptions) {
    this.#options = options;
  }

  /** What an app wants now; undefined withdraws it. */
  want(appKey: string, demand: Demand | undefined): void {
    if (demand === undefined) {
      this.#declines.delete(appKey);
      if (this.#demands.delete(appKey)) this.#options.demandsChanged();
      return;
    }
    if (isDeepStrictEqual(this.#demands.get(appKey), demand)) return;
    this.#demands.set(appKey, demand);
    this.#options.demandsChanged();
    this.nudge();
  }

  /** The last answer to the app's demand, when it was no. */
  declineOf(appKey: string): Decline | undefined {
    return this.#declines.get(appKey);
  }

  /** Something changed that may free room: whoever waits is looked at again. */
  nudge(): void {
    if (this.#demands.size === 0) return;
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
    const demands = [...this.#demands.values()].flatMap((demand) => this.#stillWanted(demand) ?? []);
    if (demands.length === 0) return;
    const started = performance.now();
    const decisions = this.#decide(demands);
    this.#lastTurnSeconds = (performance.now() - started) / 1000;
    this.#options.metrics.turnTook(this.#lastTurnSeconds);
    for (const decision of decisions) this.#count(decision);
    for (const decision of decisions) if (decision.kind === 'decline') this.#declined(decision);
    const accepted = decisions.filter((decision) => decision.kind === 'accept');
    for (let at = 0; at < accepted.length; at += WRITES_AT_ONCE) {
      await Promise.all(accepted.slice(at, at + WRITES_AT_ONCE).map((decision) => this.#accepted(decision)));
    }
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

  /** A demand less the members that got a slot since it was made. */
  #stillWanted(demand: Demand): Demand | undefined {
    const slots = this.#options.reservations.newest(demand.app)?.spec.slots.filter(isUsable) ?? [];
    const settled = new Set(slots.map((slot) => slot.member));
    const members = demand.members.filter(({ member }) => !settled.has(member));
    if (members.length === demand.members.length) return demand;
    return members.length === 0
      ? undefined
      : { ...demand, members, placed: slots.map(({ member, node }) => ({ member, node })) };
  }

  #declined(decision: Decline): void {
    const key = objectKey(decision.app.namespace, decision.app.name);
    const kept = { ...decision, refusals: decision.refusals.slice(0, KEPT_REFUSALS) };
    const told = this.#declines.get(key);
    this.#declines.set(key, kept);
    if (told?.app.uid === kept.app.uid && isDeepStrictEqual(saidOf(told), saidOf(kept))) return;
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

  async #accepted(decision: Accept): Promise<void> {
    const { reservations, wake, log, assume, forget } = this.#options;
    const { app, slots } = decision;
    const key = objectKey(app.namespace, app.name);
    const entry = { namespace: app.namespace, app: app.name };
    const framework = this.#demands.get(key)?.framework ?? '';
    let retrySeconds = 0;
    assume(decision, framework);
    try {
      const outcome = await reservations.accept({ ...app, framework }, slots);
      forget(app);
      if (outcome === 'written') log.info({ ...entry, slots: placesOf(slots) }, `${slots.length} slots accepted`);
      if (outcome === 'conflict') retrySeconds = RETRY_SECONDS;
      else this.#declines.delete(key);
    } catch (error) {
      retrySeconds = RETRY_SECONDS;
      // The write may have taken effect although no reply came: the room stays taken until a watch must have shown it.
      this.#options.clock.after(UNSURE_SECONDS, () => forget(app));
      log.warn({ ...entry, err: error }, 'the accepted slots could not be written; the demand is served again');
    }
    // Whatever came of it, the app looks again and says what it still wants.
    this.#demands.delete(key);
    wake(key, retrySeconds);
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

function placesOf(slots: Accept['slots']): readonly string[] {
  const named = slots.slice(0, LOGGED_SLOTS).map(({ member, node }) => `${member} on ${node}`);
  return slots.length > LOGGED_SLOTS ? [...named, `and ${slots.length - LOGGED_SLOTS} more`] : named;
}

/** What of a decline the app tells people; the rest may differ without anybody noticing. */
function saidOf({ reason, message, nodesByReason }: Decline): object {
  return { reason, message, nodesByReason };
}
