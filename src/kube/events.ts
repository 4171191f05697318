import { backoffSeconds } from './backoff.ts';
import type { KubeClient, KubeRequest } from './kube-client.ts';
import { sleep, systemClock, type Clock } from './clock.ts';
import { classify, retryAfterOf } from './errors.ts';
import { buildEvent, eventName, eventNamespace, type EventText, type ObjectReference } from './event-object.ts';
import { silentLog, type Log } from './log.ts';
import { microTime } from './micro-time.ts';
import { EVENT, pathOf } from './resource-type.ts';

export type { EventText, ObjectReference } from './event-object.ts';

export interface EventRecorderOptions {
  readonly client: KubeClient;
  /** `domain/name` of the controller, as `kubectl get events` shows it. */
  readonly controller: string;
  /** This process, the pod's name. */
  readonly instance: string;
  readonly clock?: Clock | undefined;
  /** In [0, 1); spreads retries. */
  readonly random?: (() => number) | undefined;
  readonly log?: Log | undefined;
  /** Repeats within this span are one event with a count. Default 600. */
  readonly windowSeconds?: number | undefined;
  /** Events that may wait to be sent; more are dropped. Default 1000. */
  readonly queueLimit?: number | undefined;
}

/** What the recorder did since it was made; every figure only grows. */
export interface EventCounters {
  recorded: number;
  repeated: number;
  sent: number;
  /** Given up: the queue was full, or the API server refused or failed too often. */
  dropped: number;
}

interface Seen {
  readonly untilSeconds: number;
  count: number;
}

const TRIES = 4;
const BACKOFF = { firstSeconds: 0.5, capSeconds: 10 };
const TIMEOUT_SECONDS = 10;

/** Tells people what happened, through events that `kubectl describe` shows. It never blocks and never fails: events are a courtesy. */
export class EventRecorder {
  readonly counters: EventCounters = { recorded: 0, repeated: 0, sent: 0, dropped: 0 };
  readonly #options: EventRecorderOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #windowSeconds: number;
  readonly #queueLimit: number;
  readonly #seen = new Map<string, Seen>();
  readonly #queue: KubeRequest[] = [];
  readonly #stopping = new AbortController();
  #sending: Promise<void> | undefined;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log ?? silentLog;
    this.#windowSeconds = options.windowSeconds ?? 600;
    this.#queueLimit = options.queueLimit ?? 1000;
  }

  /** Notes an event; it is sent in the background. The same again within the window raises the count of the first. */
  record(about: ObjectReference, event: EventText): void {
    const now = this.#clock.epochSeconds();
    const window = Math.floor(now / this.#windowSeconds);
    const name = eventName(about, event, window);
    this.counters.recorded += 1;
    const seen = this.#seen.get(name);
    if (seen !== undefined) {
      this.counters.repeated += 1;
      this.#repeat(name, about, seen, now);
      return;
    }
    this.#forgetOld(now);
    this.#seen.set(name, { untilSeconds: (window + 1) * this.#windowSeconds, count: 1 });
    this.#enqueue({
      method: 'POST',
      path: pathOf(EVENT, eventNamespace(about)),
      body: buildEvent(name, about, event, this.#options, now),
    });
  }

  /** Sends what waits, for at most so long; the rest is dropped. For a clean shutdown. */
  async flush(timeoutSeconds: number): Promise<void> {
    const cancel = this.#clock.after(timeoutSeconds, () => this.#stopping.abort());
    await this.#sending;
    cancel();
  }

  /** At the 2nd, 4th, 8th … time, so that a storm costs few writes and the count is right within a factor of two. */
  #repeat(name: string, about: ObjectReference, seen: Seen, now: number): void {
    seen.count += 1;
    if (!Number.isInteger(Math.log2(seen.count))) return;
    this.#enqueue({
      method: 'PATCH',
      path: pathOf(EVENT, eventNamespace(about), name),
      contentType: 'application/merge-patch+json',
      body: { series: { count: seen.count, lastObservedTime: microTime(now) } },
    });
  }

  #forgetOld(now: number): void {
    for (const [name, seen] of this.#seen) if (seen.untilSeconds <= now) this.#seen.delete(name);
  }

  #enqueue(request: KubeRequest): void {
    if (this.#queue.length >= this.#queueLimit || this.#stopping.signal.aborted) {
      this.counters.dropped += 1;
      return;
    }
    this.#queue.push(request);
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
  }

  async #sendAll(): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const sent = !this.#stopping.signal.aborted && (await this.#send(next));
      this.counters[sent ? 'sent' : 'dropped'] += 1;
    }
  }

  async #send(request: KubeRequest): Promise<boolean> {
    const { signal } = this.#stopping;
    for (let tries = 1; tries <= TRIES && !signal.aborted; tries += 1) {
      try {
        await this.#options.client.request({ ...request, signal, timeoutSeconds: TIMEOUT_SECONDS });
        return true;
      } catch (error) {
        const kind = classify(error);
        // Our own earlier try, whose reply was lost, or that of a process before us.
        if (kind === 'alreadyExists') return true;
        if (kind === 'terminal' || kind === 'notFound' || tries === TRIES) {
          this.#log.warn({ err: error, event: request.body }, 'an event could not be recorded');
          return false;
        }
        const own = backoffSeconds(BACKOFF, tries, (this.#options.random ?? Math.random)());
        await sleep(this.#clock, Math.max(own, retryAfterOf(error) ?? 0), signal);
      }
    }
    return false;
  }
}
