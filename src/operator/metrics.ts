import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Decision } from '../core/allocator/decision.ts';
import type { WriteReport } from '../kube/write-sender.ts';

/** What a gauge shows is asked for when somebody looks, so that nothing has to tick. */
export interface GaugeSources {
  readonly leading: () => boolean;
  readonly epoch: () => number;
  /** Keys that wait, by queue. */
  readonly queueDepths: () => Readonly<Record<string, number>>;
  /** Members that want a slot and have none. */
  readonly pendingMembers: () => number;
  readonly slots: () => number;
  /** Seconds since each kind's watch last said anything, by kind. */
  readonly watchAges: () => Readonly<Record<string, number>>;
}

/** Everything /metrics shows. Counters live here and not in status: a status that counts would be written for ever. */
export class OperatorMetrics {
  readonly registry = new Registry();
  readonly #writes = this.#counter('writes_total', 'Writes sent to the API server.', ['verb', 'kind', 'outcome']);
  readonly #watch = this.#counter('watch_total', 'What happened on the watches: lists, relists, events, errors …', [
    'kind',
    'what',
  ]);
  readonly #reconciles = this.#counter('reconciles_total', 'Passes of a controller.', ['controller', 'outcome']);
  readonly #decisions = this.#counter('decisions_total', 'Answers of the allocator to demands.', [
    'framework',
    'kind',
    'reason',
  ]);
  readonly #slotWrites = this.#counter('reservation_writes_total', 'Compare-and-swap writes of Reservations.', [
    'outcome',
  ]);
  readonly #skipped = this.#counter(
    'writes_skipped_total',
    'Writes left out because the API server would store the same again.',
    ['kind'],
  );
  readonly #turns = new Histogram({
    name: 'proffer_operator_turn_seconds',
    help: 'How long one turn of the allocator took, writes not included.',
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  wrote(report: WriteReport): void {
    this.#writes.inc({ verb: report.verb, kind: report.kind, outcome: report.outcome });
  }

  watched(kind: string, what: string): void {
    this.#watch.inc({ kind, what });
  }

  reconciled(controller: string, outcome: 'ok' | 'error'): void {
    this.#reconciles.inc({ controller, outcome });
  }

  skipped(kind: string): void {
    this.#skipped.inc({ kind });
  }

  wroteReservation(outcome: string): void {
    this.#slotWrites.inc({ outcome });
  }

  turnTook(seconds: number): void {
    this.#turns.observe(seconds);
  }

  decided(framework: string, decision: Decision): void {
    this.#decisions.inc({ framework, kind: decision.kind, reason: decision.kind === 'decline' ? decision.reason : '' });
  }

  /** Shows the gauges from now on. */
  show(sources: GaugeSources): void {
    this.#gauge('leader', 'Whether this process holds the Lease.', () => (sources.leading() ? 1 : 0));
    this.#gauge('lease_epoch', 'Transitions of the Lease when this process took it.', sources.epoch);
    this.#gauge('pending_members', 'Members that want a slot and have none.', sources.pendingMembers);
    this.#gauge('slots', 'Slots in all Reservations.', sources.slots);
    this.#gaugeBy('queue_depth', 'Keys that wait for a worker.', 'queue', sources.queueDepths);
    this.#gaugeBy('watch_age_seconds', 'Since the watch of a kind last said anything.', 'kind', sources.watchAges);
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name: `proffer_operator_${name}`, help, labelNames, registers: [this.registry] });
  }

  #gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({
      name: `proffer_operator_${name}`,
      help,
      registers: [this.registry],
      collect: () => gauge.set(read()),
    });
  }

  #gaugeBy(name: string, help: string, label: string, read: () => Readonly<Record<string, number>>): void {
    const gauge: Gauge = new Gauge({
      name: `proffer_operator_${name}`,
      help,
      labelNames: [label],
      registers: [this.registry],
      collect: () => {
        for (const [value, number] of Object.entries(read())) gauge.set({ [label]: value }, number);
      },
    });
  }
}
