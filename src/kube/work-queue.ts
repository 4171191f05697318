import { backoffSeconds, type BackoffLimits } from './backoff.ts';
import { systemClock, type Clock } from './clock.ts';
import { classify, retryAfterOf } from './errors.ts';
import { silentLog, type Log } from './log.ts';

/** When a key should run again although nothing else asks for it. */
export interface WorkResult {
  readonly wakeAfterSeconds?: number | undefined;
}

export type Worker = (key: string, signal: AbortSignal) => Promise<WorkResult | void>;

export interface WorkQueueOptions {
  readonly worker: Worker;
  /** Keys that run side by side. Default 4. */
  readonly concurrency?: number | undefined;
  /** After a throw. Default 0.2 s to 30 s. */
  readonly backoff?: BackoffLimits | undefined;
  readonly clock?: Clock | undefined;
  /** In [0, 1); spreads retries. */
  readonly random?: (() => number) | undefined;
  readonly log?: Log | undefined;
  /** Called once per throw, before the retry is planned. */
  readonly onError?: ((key: string, error: unknown) => void) | undefined;
}

/** What the queue did since it was made; every figure only grows. */
export interface WorkQueueCounters {
  runs: number;
  failures: number;
}

interface Delay {
  readonly dueAt: number;
  readonly cancel: () => void;
}

const BACKOFF: BackoffLimits = { firstSeconds: 0.2, capSeconds: 30 };

/**
 * Runs a worker per key: a key waits at most once, never runs twice at the same time, and runs again when it was added meanwhile.
 * A worker that throws is retried with backoff; one that answers may name when it wants to be woken.
 */
export class WorkQueue {
  readonly counters: WorkQueueCounters = { runs: 0, failures: 0 };
  readonly #options: WorkQueueOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #log: Log;
  readonly #concurrency: number;
  readonly #backoff: BackoffLimits;
  /** Ready to run, in order, with the monotonic time since when. */
  readonly #ready = new Map<string, number>();
  readonly #delayed = new Map<string, Delay>();
  readonly #running = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #stopping = new AbortController();
  #started = false;
  #draining = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#log = options.log ?? silentLog;
    this.#concurrency = options.concurrency ?? 4;
    this.#backoff = options.backoff ?? BACKOFF;
  }

  /** Keys that could run now. */
  get depth(): number {
    return this.#ready.size;
  }

  /** Keys that wait for their time. */
  get delayed(): number {
    return this.#delayed.size;
  }

  get running(): number {
    return this.#running.size;
  }

  /** How long the key at the head has been ready, in seconds; 0 when none is. */
  oldestReadySeconds(): number {
    const [since] = this.#ready.values();
    return since === undefined ? 0 : this.#clock.monotonicSeconds() - since;
  }

  /** Runs the key as soon as a worker is free; when it runs right now, once more after that. */
  add(key: string): void {
    this.#undelay(key);
    if (!this.#ready.has(key)) this.#ready.set(key, this.#clock.monotonicSeconds());
    this.#pump();
  }

  /** Runs the key after `seconds`, or sooner if anything asks for it sooner. */
  addAfter(key: string, seconds: number): void {
    if (seconds <= 0) {
      this.add(key);
      return;
    }
    if (this.#draining) return;
    const dueAt = this.#clock.monotonicSeconds() + seconds;
    const waiting = this.#delayed.get(key);
    if (this.#ready.has(key) || (waiting !== undefined && waiting.dueAt <= dueAt)) return;
    this.#undelay(key);
    const cancel = this.#clock.after(seconds, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { dueAt, cancel });
  }

  /** Forgets a key that is not wanted any more: its place, its delay and its failures. A run under way goes on. */
  forget(key: string): void {
    this.#ready.delete(key);
    this.#undelay(key);
    this.#failures.delete(key);
  }

  /**
   * Starts working, and resolves when the signal aborted (or `drain` was called) and the last worker has ended. Workers see the abort
   * in their own signal. A queue runs once.
   */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#started) throw new Error('a work queue runs only once');
    this.#started = true;
    const stop = () => {
      this.#stopping.abort(signal.reason);
      void this.drain();
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    this.#pump();
    await this.#ended.promise;
    signal.removeEventListener('abort', stop);
  }

  /** Starts no key any more, lets those that run come to their end undisturbed, and resolves then; so does `run`. */
  drain(): Promise<void> {
    this.#draining = true;
    for (const key of this.#delayed.keys()) this.#undelay(key);
    this.#endWhenIdle();
    return this.#ended.promise;
  }

  #endWhenIdle(): void {
    if (this.#draining && this.#running.size === 0) this.#ended.resolve();
  }

  #undelay(key: string): void {
    this.#delayed.get(key)?.cancel();
    this.#delayed.delete(key);
  }

  #pump(): void {
    if (!this.#started || this.#draining) return;
    for (const key of this.#ready.keys()) {
      if (this.#running.size >= this.#concurrency) return;
      if (this.#running.has(key)) continue;
      this.#ready.delete(key);
      this.#running.add(key);
      void this.#work(key);
    }
  }

  async #work(key: string): Promise<void> {
    // What was planned for later is settled by this run, which sees everything.
    this.#undelay(key);
    this.counters.runs += 1;
    let delaySeconds: number | undefined;
    try {
      const result = await this.#options.worker(key, this.#stopping.signal);
      this.#failures.delete(key);
      delaySeconds = result?.wakeAfterSeconds;
    } catch (error) {
      delaySeconds = this.#failed(key, error);
    }
    this.#running.delete(key);
    if (delaySeconds !== undefined) this.addAfter(key, delaySeconds);
    this.#pump();
    this.#endWhenIdle();
  }

  /** The delay before the retry, in seconds. */
  #failed(key: string, error: unknown): number {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    this.counters.failures += 1;
    // A refusal stands until somebody changes something, and that change adds the key by itself.
    const own =
      classify(error) === 'terminal'
        ? this.#backoff.capSeconds
        : backoffSeconds(this.#backoff, failures, this.#random());
    const seconds = Math.max(own, retryAfterOf(error) ?? 0);
    this.#log.warn({ err: error, key, failures, seconds }, 'work on a key failed and will be tried again');
    try {
      this.#options.onError?.(key, error);
    } catch (thrown) {
      this.#log.error({ err: thrown, key }, 'reporting a failure failed');
    }
    return seconds;
  }
}
