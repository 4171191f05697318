import { isDeepStrictEqual } from 'node:util';
import type { Decision, Decline } from '../core/allocator/decision.ts';
import type { DeclineRecord } from '../core/allocator/decline-ledger.ts';
import { declined } from '../core/allocator/declined-unit.ts';
import type { AppRef, Demand } from '../core/allocator/demand.ts';
import { sleep, type Clock } from '../kube/clock.ts';
import { objectKey } from '../kube/kube-object.ts';
import { acceptedTogether } from './accepted-together.ts';
import type { Log } from './log.ts';
import type { OperatorMetrics } from './metrics.ts';
import { PATIENCE_SECONDS } from './patience.ts';
import type { Reclaimer } from './reclaimer.ts';
import type { SlotWrite } from './reservation-writer.ts';
import { ServableDemands, type ServableDemandsOptions } from './servable-demands.ts';
import { SlotGiver, type SlotGiverOptions } from './slot-giver.ts';
import { ToldDeclines } from './told-declines.ts';

/** Between two turns, at least so many times as long as the last one took: the rest of the process must have its share. */
const REST_PER_TURN = 4;

export interface AllocatorLoopOptions extends ServableDemandsOptions, SlotGiverOptions {
  readonly allocate: (demands: readonly Demand[], now: number) => readonly Decision[];
  readonly reservations: ServableDemandsOptions['reservations'] & SlotGiverOptions['reservations'];
  readonly gangs: ServableDemandsOptions['gangs'] & SlotGiverOptions['gangs'];
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
 * tells of that). Never by the clock alone, so nothing happens at rest however many wait. No request holds a turn up for long: see
 * SlotGiver, ServableDemands and Reclaimer.
 */
export class AllocatorLoop {
  readonly #demands = new Map<string, Demand>();
  readonly #declines = new ToldDeclines();
  readonly #options: AllocatorLoopOptions;
  readonly #servable: ServableDemands;
  readonly #giver: SlotGiver;
  #due = false;
  #lastTurnSeconds = 0;
  #notify: () => void = () => undefined;

  constructor(options: AllocatorLoopOptions) {
    this.#options = options;
    this.#giver = new SlotGiver(options, {
      demandOf: (key) => this.#demands.get(key),
      answered: (app, write, retrySeconds) => this.#answered(app, write, retrySeconds),
      nudge: () => this.nudge(),
    });
    this.#servable = new ServableDemands(options, (key) => this.#giver.isUnderWay(key));
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

  /** Takes turns until the signal aborts; a turn under way is finished, and writes that hang are waited for a moment longer. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#untilDue(signal);
      await sleep(
        this.#options.clock,
        Math.max(this.#options.turnSeconds, REST_PER_TURN * this.#lastTurnSeconds),
        signal,
      );
      if (signal.aborted) break;
      this.#due = false;
      await this.#turn();
    }
    await this.#giver.ended(PATIENCE_SECONDS);
  }

  async #turn(): Promise<void> {
    const { servable: demands, waiting } = await this.#servable.of(this.#demands, () => this.nudge());
    for (const { demand, wait } of waiting)
      this.#declined({ ...declined(demand, 'GangIncomplete', wait), wantsNodes: false });
    if (demands.length === 0) return;
    const { reclaimer } = this.#options;
    reclaimer?.beforeTurn();
    this.#giver.remind();
    const started = this.#options.clock.monotonicSeconds();
    const decisions = this.#decide(demands);
    this.#lastTurnSeconds = this.#options.clock.monotonicSeconds() - started;
    this.#options.metrics.turnTook(this.#lastTurnSeconds);
    for (const decision of decisions) this.#count(decision);
    for (const decision of decisions) if (decision.kind === 'decline') this.#declined(decision);
    await this.#giver.give(acceptedTogether(decisions, demands));
    // For whom it is not known yet whether they have their slots, nobody else is asked to go.
    const known = demands.filter(({ app }) => !this.#giver.isUnderWay(objectKey(app.namespace, app.name)));
    await reclaimer?.afterTurn(decisions, known);
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

  /** Whatever came of it, the app looks again and says what it still wants. */
  #answered({ namespace, name, uid }: AppRef, write: SlotWrite | 'failed', retrySeconds: number): void {
    const key = objectKey(namespace, name);
    if (write === 'written') this.#options.reclaimer?.forget(uid);
    if (write === 'written' || write === 'unchanged') this.#declines.forget(key);
    this.#demands.delete(key);
    this.#options.wake(key, retrySeconds);
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
