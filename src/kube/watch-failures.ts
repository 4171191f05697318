import { backoffSeconds } from './backoff.ts';
import { KubeError, classify, retryAfterOf } from './errors.ts';
import { UNPARSABLE, WatchFailure } from './watch-event.ts';

const BACKOFF = { firstSeconds: 0.8, capSeconds: 30 };

/** After so many unparsable lines in a row from one resource version, that spot is skipped by listing. */
const UNPARSABLE_BEFORE_RELIST = 3;

/** How to go on after a list or watch failed. */
export interface Recovery {
  /** The resource version is of no more use: list anew. */
  readonly relist: boolean;
  /** The server forgot the version, as it does in the course of time. */
  readonly expired: boolean;
  /** Failures in a row, this one included. */
  readonly failures: number;
  /** How long to wait first. */
  readonly seconds: number;
}

/** What went wrong since the server last told us something good. */
export class WatchFailures {
  #inARow = 0;
  #unparsableInARow = 0;

  /** The server told us something good. */
  forget(): void {
    this.#inARow = 0;
    this.#unparsableInARow = 0;
  }

  /** A watch went on for a while, though nothing may have happened in it. */
  watchLasted(): void {
    this.#inARow = 0;
  }

  /** Counts the failure and says how to go on. `random` in [0, 1) spreads the wait. */
  after(error: unknown, random: number): Recovery {
    this.#inARow += 1;
    if (error instanceof KubeError && error.reason === UNPARSABLE) this.#unparsableInARow += 1;
    const expired = classify(error) === 'gone';
    const relist = this.#mustRelist(error, expired);
    if (relist) this.#unparsableInARow = 0;
    // A forgotten version is ordinary and listed at once; when it happens again without anything good in between, it is a failure.
    const own = expired && this.#inARow === 1 ? 0 : backoffSeconds(BACKOFF, this.#inARow, random);
    return { relist, expired, failures: this.#inARow, seconds: Math.max(own, retryAfterOf(error) ?? 0) };
  }

  #mustRelist(error: unknown, expired: boolean): boolean {
    if (expired || error instanceof WatchFailure) return true;
    return isFromTheFuture(error) || this.#unparsableInARow >= UNPARSABLE_BEFORE_RELIST;
  }
}

/** The server knows only older versions than ours: its storage was restored from a backup. */
function isFromTheFuture(error: unknown): boolean {
  return (
    error instanceof KubeError &&
    (error.details?.causes ?? []).some((cause) => cause.reason === 'ResourceVersionTooLarge')
  );
}
