import type { KubeClient } from './kube-client.ts';
import { sleep, systemClock, type Clock } from './clock.ts';
import { KubeError, classify } from './errors.ts';
import { keyOf } from './kube-object.ts';
import { PAGE_SIZE, listPages, type Selection } from './list-pages.ts';
import { silentLog, type Log } from './log.ts';
import { noReflectorCounts, type ReflectorCounters } from './reflector-counters.ts';
import { pathOf } from './resource-type.ts';
import type { Store } from './store.ts';
import { SyncGate } from './sync-gate.ts';
import { UNPARSABLE, parseWatchLine, type WatchEvent } from './watch-event.ts';
import { WatchFailures } from './watch-failures.ts';

export interface ReflectorOptions<T> extends Selection {
  readonly client: KubeClient;
  /** From raw JSON to what is kept; pure. It runs while a page or an event is at hand, so nothing else of the object stays in memory. */
  readonly project: (raw: unknown) => T;
  readonly store: Store<T>;
  /** Called at each count, for whoever exports metrics. */
  readonly metrics?: ((counter: keyof ReflectorCounters) => void) | undefined;
  readonly log?: Log | undefined;
  readonly clock?: Clock | undefined;
  /** In [0, 1); spreads watch lengths and delays. */
  readonly random?: (() => number) | undefined;
  /** Default 90: bookmarks come about once a minute, so a longer silence is a dead connection. */
  readonly inactivitySeconds?: number | undefined;
  readonly pageSize?: number | undefined;
}

/** Watches end by themselves after 5 to 10 minutes, spread so that those of many programs do not end together. */
const WATCH_SECONDS = { least: 300, spread: 300 };

const INACTIVITY_SECONDS = 90;

/** A page may take long on a busy server; the sum of pages may take as long as the server keeps its snapshot. */
const PAGE_TIMEOUT_SECONDS = 60;

/** A watch that ends sooner and without any event counts as failed, or a broken proxy would make us spin. */
const SHORT_WATCH_SECONDS = 1;

/**
 * Keeps a store equal to what the API server has: one paged list, then watches from where it ended, for ever.
 * A failure is retried from the last good resource version; only a version that the server forgot, or an ERROR event, leads to a new
 * list, and that is applied as a difference: the store never empties.
 */
export class Reflector<T> {
  readonly counters = noReflectorCounts();
  readonly #options: ReflectorOptions<T>;
  readonly #store: Store<T>;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #log: Log;
  readonly #gate = new SyncGate();
  readonly #failures = new WatchFailures();
  #generation = 0;
  #lastEventAt: number | undefined;
  /** Where the next watch starts; undefined: list first. */
  #resourceVersion: string | undefined;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#store = options.store;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#log = options.log ?? silentLog;
  }

  /** What it lists and watches, as in URLs. */
  get plural(): string {
    return this.#options.type.plural;
  }

  /** True once the store held everything; it stays true while later lists and watches fail: see `lastEventAgeSeconds`. */
  get synced(): boolean {
    return this.#gate.isOpen;
  }

  /** Seconds since the server last told us anything, bookmarks included; Infinity before it ever did. */
  lastEventAgeSeconds(): number {
    return this.#lastEventAt === undefined ? Infinity : this.#clock.monotonicSeconds() - this.#lastEventAt;
  }

  /** Resolves when `synced`; rejects with the signal's reason when that comes first. */
  whenSynced(signal: AbortSignal): Promise<void> {
    return this.#gate.wait(signal);
  }

  /** Lists and watches until the signal aborts. A second call takes over from the first, whose late events are ignored. */
  async run(signal: AbortSignal): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    const current = () => !signal.aborted && generation === this.#generation;
    while (current()) {
      try {
        if (this.#resourceVersion === undefined) await this.#list(signal, current);
        else await this.#watch(this.#resourceVersion, signal, current);
      } catch (error) {
        if (current()) await this.#recover(error, signal);
      }
    }
  }

  async #list(signal: AbortSignal, current: () => boolean): Promise<void> {
    const next = new Map<string, T>();
    let resourceVersion: string | undefined;
    const pages = listPages(this.#options.client, this.#options, {
      pageSize: this.#options.pageSize ?? PAGE_SIZE,
      timeoutSeconds: PAGE_TIMEOUT_SECONDS,
      signal,
    });
    for await (const page of pages) {
      if (!current()) return;
      for (const item of page.items) this.#collect(item, next);
      ({ resourceVersion } = page);
    }
    if (!current()) return;
    this.#resourceVersion = resourceVersion;
    this.#store.replace(next);
    this.#count('lists');
    this.#progressed();
    this.#gate.open();
  }

  #collect(item: unknown, next: Map<string, T>): void {
    const key = keyOf(item);
    const kept = key === undefined ? undefined : this.#store.get(key);
    const value = this.#project(item, key) ?? kept;
    if (key !== undefined && value !== undefined) next.set(key, value);
  }

  async #watch(from: string, signal: AbortSignal, current: () => boolean): Promise<void> {
    const { client, type, namespace, labelSelector, fieldSelector } = this.#options;
    const startedAt = this.#clock.monotonicSeconds();
    this.#count('watches');
    await client.stream(
      {
        path: pathOf(type, namespace),
        query: {
          watch: true,
          allowWatchBookmarks: true,
          resourceVersion: from,
          timeoutSeconds: Math.round(WATCH_SECONDS.least + WATCH_SECONDS.spread * this.#random()),
          labelSelector,
          fieldSelector,
        },
        signal,
        inactivitySeconds: this.#options.inactivitySeconds ?? INACTIVITY_SECONDS,
      },
      (line) => {
        if (!current()) throw new KubeError({ status: 0, reason: 'Aborted', message: 'a newer run took over' });
        this.#accept(parseWatchLine(line));
      },
    );
    const short = this.#clock.monotonicSeconds() - startedAt < SHORT_WATCH_SECONDS;
    if (!short) this.#failures.watchLasted();
    if (short && this.#resourceVersion === from) {
      throw new KubeError({
        status: 0,
        reason: 'ShortWatch',
        message: `the watch of ${type.plural} ended at once without an event`,
      });
    }
  }

  #accept({ type, object, resourceVersion }: WatchEvent): void {
    if (type === 'BOOKMARK') this.#count('bookmarks');
    else this.#apply(type, object);
    // Only after the store has it: what fails before is asked for again.
    if (resourceVersion !== undefined) this.#resourceVersion = resourceVersion;
    this.#progressed();
  }

  #apply(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: unknown): void {
    this.#count('events');
    const key = keyOf(object);
    if (key !== undefined && type === 'DELETED') {
      this.#store.delete(key);
      return;
    }
    const value = this.#project(object, key);
    if (key !== undefined && value !== undefined) this.#store.set(key, value);
  }

  #project(raw: unknown, key: string | undefined): T | undefined {
    try {
      if (key === undefined) throw new Error('the object has no metadata.name');
      return this.#options.project(raw);
    } catch (error) {
      this.#count('projectionErrors');
      this.#log.error(
        { err: error, kind: this.#options.type.kind, key },
        'an object cannot be read, so its last good state is kept: this is a mistake in Proffer, or the object is malformed',
      );
      return undefined;
    }
  }

  /** Decides where to go on from, and waits. */
  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    this.#note(error);
    const { relist, expired, failures, seconds } = this.#failures.after(error, this.#random());
    if (relist) this.#resourceVersion = undefined;
    const { type } = this.#options;
    const fields = { err: error, kind: type.kind, failures, seconds };
    if (expired) this.#log.info(fields, `the watch of ${type.plural} is too old for the API server; listing again`);
    else this.#log.warn(fields, `cannot list or watch ${type.plural}; what is known may be old until this ends`);
    if (seconds > 0) await sleep(this.#clock, seconds, signal);
  }

  #note(error: unknown): void {
    this.#count('errors');
    if (!(error instanceof KubeError)) return;
    if (error.reason === 'Silent') this.#count('silent');
    if (error.reason === UNPARSABLE) this.#count('unparsableLines');
    if (classify(error) === 'gone') this.#count('expired');
  }

  #progressed(): void {
    this.#lastEventAt = this.#clock.monotonicSeconds();
    this.#failures.forget();
  }

  #count(counter: keyof ReflectorCounters): void {
    this.counters[counter] += 1;
    try {
      this.#options.metrics?.(counter);
    } catch (error) {
      this.#log.error({ err: error, counter }, 'counting failed');
    }
  }
}
