import type { AskingPod } from '../core/admission/admission-world.ts';
import { admit } from '../core/admission/admit.ts';
import type { FilterAnswer } from '../core/admission/filter-decision.ts';
import { isHeardOfTooLittle } from '../core/admission/late-facts.ts';
import { AdmissionLedger } from '../core/admission/ledger.ts';
import { preempt, type VictimFacts } from '../core/admission/preempt.ts';
import { prioritize } from '../core/admission/prioritize.ts';
import { BufferPool } from './buffer-pool.ts';
import type { CacheMessage, CacheRequest, Pulse, WorldChange } from './cache-message.ts';
import { LateNews } from './late-news.ts';
import { ExtenderMetrics, type Outcome } from './metrics.ts';
import { ReadModel } from './read-model.ts';
import { readAskingPod } from './read-asking-pod.ts';
import { RefusedPods } from './refused-pods.ts';
import { filterResult, hostPriorityList, parseExtenderArgs, parsePreemptionArgs, preemptionResult } from './wire.ts';

/** What a request is answered with, and what to count. */
export interface Answer {
  readonly json: Buffer;
  readonly outcome: Outcome;
  /** That the answer leaves or scores. */
  readonly nodes: number;
}

export interface DeskOptions {
  /** Sends a request to the cache worker. */
  readonly ask: (request: CacheRequest) => void;
  /** Seconds on a clock that never jumps. */
  readonly clock: () => number;
}

/** Short of the 2 s that kube-scheduler waits: without facts about victims nothing is freed, which is the safe answer. */
const VICTIMS_TIMEOUT_MS = 1000;

const NO_PULSE = { at: 0, staleSeconds: 0, overbookedNodes: 0, overbookings: 0, operatorAway: false } as const;

/** Everything between the wire and the decisions: the read model, the ledger, and whom to wake. Lives as long as the extender. */
export class AdmissionDesk {
  readonly metrics: ExtenderMetrics;
  /** For requests and answers. */
  readonly buffers = new BufferPool();
  readonly #world = new ReadModel();
  readonly #ledger = new AdmissionLedger(this.#world.rooms);
  readonly #refused = new RefusedPods(this.#world, this.#ledger);
  readonly #options: DeskOptions;
  readonly #news = new LateNews();
  readonly #waiting = new Map<number, (victims: ReadonlyMap<string, VictimFacts>) => void>();
  #questions = 0;
  /** Of the ledger, when the refused pods were looked at for them last. */
  #withdrawals = 0;
  #synced = false;
  #unready = 'the cache worker starts; nothing is listed yet';
  #pulse: Pulse & { readonly at: number } = NO_PULSE;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.metrics = new ExtenderMetrics({
      admissions: () => this.#ledger.size,
      refusedPods: () => this.#refused.size,
      slots: () => this.#world.slotCount,
      nodes: () => this.#world.nodeCount,
      staleSeconds: () => this.#pulse.staleSeconds,
      overbookedNodes: () => this.#pulse.overbookedNodes,
      operatorAway: () => (this.#pulse.operatorAway ? 1 : 0),
      standIns: () => this.#world.standInCount,
    });
  }

  /** Whether everything that exists has been heard of. Before that, no request is answered. */
  get synced(): boolean {
    return this.#synced;
  }

  /** Why no request is answered yet; undefined: they are. */
  get unready(): string | undefined {
    return this.#synced ? undefined : this.#unready;
  }

  /** Seconds since the cache worker was heard of. */
  pulseAgeSeconds(): number {
    return this.#options.clock() - this.#pulse.at;
  }

  receive(message: CacheMessage): void {
    switch (message.kind) {
      case 'change':
        return this.#apply(message.change);
      case 'syncing':
        this.#unready = `the caches are not synced yet: waiting for the list of ${message.awaited.join(', ')}`;
        return;
      case 'synced':
        this.#synced = true;
        return;
      case 'pulse':
        this.metrics.overbooked(message.overbookings - this.#pulse.overbookings);
        this.#pulse = { ...message, at: this.#options.clock() };
        this.#ledger.expire(this.#pulse.at);
        return this.#wakeAfterWithdrawals();
      case 'victims':
        this.#waiting.get(message.question)?.(message.victims);
    }
  }

  /** Throws WireError. */
  filter(body: Buffer): Answer {
    const { pod: raw, candidates } = parseExtenderArgs(body, this.#world.rooms);
    const pod = readAskingPod(raw);
    const now = this.#options.clock();
    this.#ledger.expire(now);
    const { answer, admission } = admit(pod, candidates, this.#world, this.#ledger);
    if (admission !== undefined) this.#ledger.record(admission, now);
    this.#remember(pod, answer);
    const kept = answer.kind === 'nodes' ? answer.nodes.length : 0;
    return {
      json: filterResult(answer, candidates, this.buffers),
      outcome: kept === 0 ? 'refused' : 'admitted',
      nodes: kept,
    };
  }

  /** Throws WireError. */
  prioritize(body: Buffer): Answer {
    const { pod, candidates } = parseExtenderArgs(body, this.#world.rooms);
    const scores = prioritize(readAskingPod(pod), candidates, this.#world);
    const scored = scores.kind === 'named' ? scores.scores.size : scores.positions.length;
    return { json: hostPriorityList(scores, candidates, this.buffers), outcome: 'admitted', nodes: scored };
  }

  /** Throws WireError. */
  async preempt(body: Buffer): Promise<Answer> {
    const { pod: raw, candidates } = parsePreemptionArgs(body);
    const pod = readAskingPod(raw);
    const podUids = [...candidates.values()].flatMap((victims) => victims.podUids);
    const isNew = !this.#refused.has(pod.uid);
    const [victims] = await Promise.all([
      this.#victims(podUids),
      this.#news.until(() => !isNew || !isHeardOfTooLittle(pod, this.#world)),
    ]);
    this.#ledger.expire(this.#options.clock());
    const question = { pod, candidates, victims, world: this.#world };
    const kept = preempt({ ...question, ledger: this.#ledger });
    // Where no node has room, this is all that is asked of us: filter is not called, and cannot remember the pod.
    if (kept.size === 0)
      this.#refused.add(pod, this.#ledger.size > 0 && preempt({ ...question, ledger: new AdmissionLedger() }).size > 0);
    return {
      json: Buffer.from(preemptionResult(kept)),
      outcome: kept.size === 0 ? 'refused' : 'admitted',
      nodes: candidates.size,
    };
  }

  #remember(pod: AskingPod, answer: FilterAnswer): void {
    if (answer.kind === 'nodes') return this.#refused.delete(pod.uid);
    this.#refused.add(pod, answer.forNow);
    this.metrics.rejected(answer.reason);
  }

  #apply(change: WorldChange): void {
    this.#world.apply(change);
    this.#news.arrived();
    const now = this.#options.clock();
    for (const uid of change.settledPods) {
      this.#ledger.release(uid);
      this.#refused.delete(uid);
    }
    for (const [uid, node] of change.bindingPods) this.#ledger.binding(uid, node ?? '', now);
    const { slots, standIns, workloads, apps } = change;
    if (slots.length + standIns.length + workloads.length + apps.length === 0) this.#wakeAfterWithdrawals();
    else this.#wakeHopeful();
  }

  /** When room is not promised any more to pods that did not take it. */
  #wakeAfterWithdrawals(): void {
    if (this.#ledger.withdrawals === this.#withdrawals) return;
    this.#withdrawals = this.#ledger.withdrawals;
    if (this.#refused.anyForNow) this.#wakeHopeful();
  }

  #wakeHopeful(): void {
    const pods = this.#refused.takeHopeful();
    if (pods.length === 0) return;
    this.metrics.woke(pods.length);
    this.#options.ask({ kind: 'wake', pods });
  }

  #victims(podUids: readonly string[]): Promise<ReadonlyMap<string, VictimFacts>> {
    this.#questions += 1;
    const question = this.#questions;
    return new Promise((resolve) => {
      const settle = (victims: ReadonlyMap<string, VictimFacts>): void => {
        clearTimeout(timer);
        this.#waiting.delete(question);
        resolve(victims);
      };
      const timer = setTimeout(settle, VICTIMS_TIMEOUT_MS, new Map<string, VictimFacts>());
      this.#waiting.set(question, settle);
      this.#options.ask({ kind: 'victims', question, podUids });
    });
  }
}
