import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export type Verb = 'filter' | 'prioritize' | 'preempt';

/** What became of a request: nodes stayed, none did, the caches were not ready, or the request was not understood. */
export type Outcome = 'admitted' | 'refused' | 'unready' | 'invalid';

/** Where the gauges look when they are scraped. */
export interface GaugeSource {
  readonly admissions: () => number;
  readonly refusedPods: () => number;
  readonly slots: () => number;
  readonly nodes: () => number;
  readonly staleSeconds: () => number;
  readonly overbookedNodes: () => number;
  /** 0 or 1. */
  readonly operatorAway: () => number;
  readonly standIns: () => number;
}

// Budgets: p50 under 2 ms, p99 under 10 ms; kube-scheduler gives up after 2 s.
const SECONDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2];
const NODES = [1, 10, 100, 500, 1000, 5000, 10_000];

/** The extender's own measurements. kube-scheduler has none of its extenders' latency. */
export class ExtenderMetrics {
  readonly registry = new Registry();
  readonly #duration: Histogram<'verb' | 'outcome'>;
  readonly #nodes: Histogram<'verb'>;
  readonly #rejections: Counter<'reason'>;
  readonly #wakes: Counter;
  readonly #overbookings: Counter;

  constructor(source: GaugeSource) {
    const registers = [this.registry];
    this.#duration = new Histogram({
      name: 'proffer_extender_request_duration_seconds',
      help: 'Time from the whole request to the answer',
      labelNames: ['verb', 'outcome'],
      buckets: SECONDS,
      registers,
    });
    this.#nodes = new Histogram({
      name: 'proffer_extender_nodes',
      help: 'Nodes that filter and preempt left, or prioritize scored',
      labelNames: ['verb'],
      buckets: NODES,
      registers,
    });
    this.#rejections = new Counter({
      name: 'proffer_extender_rejections_total',
      help: 'Pods refused by filter, by reason',
      labelNames: ['reason'],
      registers,
    });
    this.#wakes = new Counter({
      name: 'proffer_extender_wakes_total',
      help: 'Refused pods woken because their answer would differ now',
      registers,
    });
    this.#overbookings = new Counter({
      name: 'proffer_extender_double_bookings_total',
      help: 'How often slots on a node came to exceed what it has, so that some of them are not honoured',
      registers,
    });
    const gauge = (name: string, help: string, read: () => number): void => {
      const collect = function (this: Gauge): void {
        this.set(read());
      };
      this.registry.registerMetric(new Gauge({ name: `proffer_extender_${name}`, help, registers: [], collect }));
    };
    gauge('ledger_admissions', 'Pods let through and not yet seen bound', source.admissions);
    gauge('refused_pods', 'Pods refused and not yet woken, bound or gone', source.refusedPods);
    gauge('slots', 'Slots known', source.slots);
    gauge('known_nodes', 'Nodes known', source.nodes);
    gauge(
      'view_staleness_seconds',
      'Age of the last word from the API server on the quietest watch',
      source.staleSeconds,
    );
    gauge('double_booked_nodes', 'Nodes whose slots exceed what they have', source.overbookedNodes);
    gauge('operator_away', 'Whether the Lease of the operator has not changed for half a minute', source.operatorAway);
    gauge('stand_ins', 'Members whose node is gone and that may go elsewhere without the operator', source.standIns);
    collectDefaultMetrics({ register: this.registry });
  }

  observe(verb: Verb, outcome: Outcome, nodes: number, seconds: number): void {
    this.#duration.observe({ verb, outcome }, seconds);
    this.#nodes.observe({ verb }, nodes);
  }

  rejected(reason: string): void {
    this.#rejections.inc({ reason });
  }

  overbooked(times: number): void {
    this.#overbookings.inc(times);
  }

  woke(pods: number): void {
    this.#wakes.inc(pods);
  }
}
