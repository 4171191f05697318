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
  readonly #reclaimed = new Counter({
    name: 'proffer_reclaimed_members_total',
    help: 'Members evicted so that a guarantee that was lent out came back: whose they were, and for whom.',
    labelNames: ['framework', 'claimant'],
    registers: [this.registry],
  });
  readonly #turns = new Histogram({
    name: 'proffer_operator_turn_seconds',
    help: 'How long one turn of the allocator took, writes not included.',
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers: [this.registry],
  });

  readonly #recoveries = new Histogram({
    name: 'proffer_operator_recovery_seconds',
    help: 'Recoveries of members of lost nodes: silence of the node when it was acted on (detected), and from then on until fenced, bound, ready.',
    labelNames: ['phase'],
    buckets: [1, 2, 5, 10, 15, 20, 25, 30, 45, 60, 90, 120, 300, 600],
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

  recovered(phase: string, seconds: number): void {
    this.#recoveries.observe({ phase }, seconds);
  }

  reclaimed(framework: string, claimant: string): void {
    this.#reclaimed.inc({ framework, claimant });
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
