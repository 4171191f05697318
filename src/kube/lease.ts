import type { KubeClient } from './kube-client.ts';
import { sleep, systemClock, type Clock } from './clock.ts';
import { classify } from './errors.ts';
import type { KubeObject } from './kube-object.ts';
import { heldLease, newLease, readLease, type LeaseRecord } from './lease-record.ts';
import { silentLog, type Log } from './log.ts';
import { LEASE, pathOf } from './resource-type.ts';

export interface LeaderElectorOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly name: string;
  /** Unique to this process, not only to its host: two processes of one identity would both lead. */
  readonly identity: string;
  /** How long others leave a lease alone that is not renewed. Default 15. */
  readonly leaseSeconds?: number | undefined;
  /** How long we lead after the last renewal that succeeded. Default 10; less than `leaseSeconds`, the rest is for writes under way. */
  readonly renewSeconds?: number | undefined;
  /** Between tries. Default 2. */
  readonly retrySeconds?: number | undefined;
  readonly clock?: Clock | undefined;
  /** In [0, 1); spreads the tries of several candidates. */
  readonly random?: (() => number) | undefined;
  readonly log?: Log | undefined;
}

export interface LeaderCallbacks {
  /** We lead from now on. `epoch` is larger than that of every earlier leader of this Lease. */
  readonly onStarted: (epoch: number) => void;
  /** We lead no more, and not because we wanted to: called once. The process should end at once. */
  readonly onLost: () => void;
}

/** What we know of the Lease, and since when on our own clock it looks like that. */
interface Observed {
  readonly record: LeaseRecord;
  readonly atSeconds: number;
}

/**
 * One of several processes leads: the one whose name is in the Lease. Everything is timed on a clock that does not jump, and a
 * renewal counts from when it was *sent*, so that we stop before anybody else may start.
 */
export class LeaderElector {
  readonly #options: LeaderElectorOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #leaseSeconds: number;
  readonly #renewSeconds: number;
  readonly #retrySeconds: number;
  #observed: Observed | undefined;
  /** The Lease as we last wrote it, for the next renewal; undefined: read first. */
  #held: KubeObject | undefined;
  #leadsUntil = -Infinity;
  #epoch = 0;

  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log ?? silentLog;
    this.#leaseSeconds = options.leaseSeconds ?? 15;
    this.#renewSeconds = options.renewSeconds ?? 10;
    this.#retrySeconds = options.retrySeconds ?? 2;
    if (this.#renewSeconds >= this.#leaseSeconds || this.#retrySeconds >= this.#renewSeconds) {
      throw new Error(
        `lease times must grow: retry ${this.#retrySeconds} s < renew ${this.#renewSeconds} s < lease ${this.#leaseSeconds} s`,
      );
    }
  }

  /** `leaseTransitions` since we lead; 0 before we ever did. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Who leads as far as we know; empty when nobody does. */
  get holder(): string {
    return this.#observed?.record.holder ?? '';
  }

  /** True while nobody else can hold the lease. Ask right before each write. */
  isLeader(): boolean {
    return this.#clock.monotonicSeconds() < this.#leadsUntil;
  }

  /**
   * Waits for the lease, then holds it until it is lost (`onLost` was called) or the signal aborts; then the lease is released, for
   * the next leader to start at once. Finish all writes before aborting.
   */
  async run(signal: AbortSignal, callbacks: LeaderCallbacks): Promise<void> {
    if (!(await this.#acquire(signal))) return;
    this.#log.info({ identity: this.#options.identity, epoch: this.#epoch }, 'leading');
    callbacks.onStarted(this.#epoch);
    if (await this.#hold(signal)) {
      this.#leadsUntil = -Infinity;
      await this.#release();
      return;
    }
    this.#leadsUntil = -Infinity;
    this.#log.error({ identity: this.#options.identity, holder: this.holder }, 'lost the leader lease');
    callbacks.onLost();
  }

  /** False when the signal aborted first. */
  async #acquire(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (await this.#attempt(() => this.#tryAcquire(signal))) return true;
      await sleep(this.#clock, this.#retrySeconds * (1 + (this.#options.random ?? Math.random)() * 0.2), signal);
    }
    return false;
  }

  /** True when the signal aborted while we led, false when the lease is lost. */
  async #hold(signal: AbortSignal): Promise<boolean> {
    const lost = new AbortController();
    while (!signal.aborted && this.isLeader()) {
      await sleep(this.#clock, Math.min(this.#retrySeconds, this.#leadsUntil - this.#clock.monotonicSeconds()), signal);
      if (signal.aborted) break;
      // Time ends our leadership even while a renewal hangs.
      const cancel = this.#clock.after(Math.max(0, this.#leadsUntil - this.#clock.monotonicSeconds()), () =>
        lost.abort(),
      );
      const taken = await this.#attempt(() => this.#isTakenAfterRenewal(lost.signal));
      cancel();
      if (taken) return false;
    }
    return signal.aborted;
  }

  /** What `run` answers, or false when it throws: a failed try is followed by another. */
  async #attempt(run: () => Promise<boolean>): Promise<boolean> {
    try {
      return await run();
    } catch (error) {
      this.#held = undefined;
      this.#log.warn({ err: error, lease: this.#options.name }, 'cannot get or renew the leader lease');
      return false;
    }
  }

  async #tryAcquire(signal: AbortSignal): Promise<boolean> {
    const found = await this.#read(signal);
    if (found !== undefined && !this.#isFree(this.#observe(found))) return false;
    // Larger than any epoch we know of, also when somebody deleted the Lease.
    const epoch = (this.#observed?.record.transitions ?? 0) + 1;
    await this.#write(found, epoch, signal);
    this.#epoch = epoch;
    return true;
  }

  /** Renews; true when somebody else holds the lease. */
  async #isTakenAfterRenewal(signal: AbortSignal): Promise<boolean> {
    const lease = this.#held ?? (await this.#read(signal));
    if (lease !== undefined) {
      const { holder, transitions } = this.#observe(lease);
      if (holder !== this.#options.identity || transitions !== this.#epoch) return true;
    }
    await this.#write(lease, this.#epoch, signal);
    return false;
  }

  #observe(lease: KubeObject): LeaseRecord {
    const record = readLease(lease);
    const known = this.#observed?.record;
    const same =
      known?.holder === record.holder &&
      known.renewTime === record.renewTime &&
      known.transitions === record.transitions;
    if (!same) this.#observed = { record, atSeconds: this.#clock.monotonicSeconds() };
    return record;
  }

  /** Nobody's, our own from an earlier try whose reply was lost, or not renewed for as long as its holder promised to. */
  #isFree({ holder, leaseSeconds }: LeaseRecord): boolean {
    if (holder === '' || holder === this.#options.identity) return true;
    const since = this.#observed?.atSeconds ?? Infinity;
    return this.#clock.monotonicSeconds() >= since + Math.max(leaseSeconds, this.#leaseSeconds);
  }

  async #read(signal: AbortSignal): Promise<KubeObject | undefined> {
    try {
      return await this.#request<KubeObject>('GET', undefined, signal);
    } catch (error) {
      if (classify(error) === 'notFound') return undefined;
      throw error;
    }
  }

  /** Writes us as the holder, if the Lease is still as `lease` (undefined: absent), and extends our leadership. */
  async #write(lease: KubeObject | undefined, transitions: number, signal: AbortSignal): Promise<void> {
    const { namespace, name, identity } = this.#options;
    const sentAt = this.#clock.monotonicSeconds();
    const holding = { holder: identity, leaseSeconds: this.#leaseSeconds, transitions };
    const wanted = heldLease(lease ?? newLease(namespace, name), holding, this.#clock.epochSeconds());
    this.#held = await this.#request<KubeObject>(lease === undefined ? 'POST' : 'PUT', wanted, signal);
    this.#observe(this.#held);
    this.#leadsUntil = sentAt + this.#renewSeconds;
  }

  /** Lets the next leader start at once. Failing only costs time: the lease then runs out. */
  async #release(): Promise<void> {
    const { signal } = new AbortController();
    try {
      const lease = await this.#read(signal);
      if (lease === undefined || readLease(lease).holder !== this.#options.identity) return;
      const free = { holder: '', leaseSeconds: 1, transitions: this.#epoch };
      await this.#request('PUT', heldLease(lease, free, this.#clock.epochSeconds()), signal);
      this.#log.info({ identity: this.#options.identity }, 'released the leader lease');
    } catch (error) {
      this.#log.warn({ err: error }, `the leader lease was not released; it runs out in ${this.#leaseSeconds} s`);
    }
  }

  #request<T>(method: 'GET' | 'POST' | 'PUT', body: KubeObject | undefined, signal: AbortSignal): Promise<T> {
    const { client, namespace, name } = this.#options;
    const path = pathOf(LEASE, namespace, method === 'POST' ? undefined : name);
    return client.request<T>({ method, path, body, signal, timeoutSeconds: this.#renewSeconds / 2 });
  }
}
