import { sleep, type Clock } from '../kube/clock.ts';
import type { Log } from './log.ts';

/** One app whose look hangs must not keep all others from their room. */
export const FIRST_LOOKS_SECONDS = 5;

export interface FirstLooksOptions {
  /** Keys of all apps that are known now. */
  readonly appKeys: () => Iterable<string>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'info'>;
}

/**
 * Knows when a new leader has looked at all apps. What an app wants is known only then: a turn before that would serve whoever asks
 * first, so that room which was just cleared for a guarantee would go back to the member that left it.
 */
export class FirstLooks {
  readonly #options: FirstLooksOptions;
  readonly #missing = new Set<string>();
  #end: () => void = () => undefined;

  constructor(options: FirstLooksOptions) {
    this.#options = options;
  }

  /** To be called when an app was looked at, also in vain. */
  looked(appKey: string): void {
    if (this.#missing.delete(appKey) && this.#missing.size === 0) this.#end();
  }

  /** Waits until each app that is known now was looked at once from now on; at most FIRST_LOOKS_SECONDS, or until the signal aborts. */
  async all(signal: AbortSignal): Promise<void> {
    const { appKeys, clock, log } = this.#options;
    for (const key of appKeys()) this.#missing.add(key);
    if (this.#missing.size === 0) return;
    const done = new AbortController();
    this.#end = () => done.abort();
    await sleep(clock, FIRST_LOOKS_SECONDS, AbortSignal.any([signal, done.signal]));
    if (this.#missing.size > 0 && !signal.aborted)
      log.info(
        { apps: this.#missing.size, seconds: FIRST_LOOKS_SECONDS },
        'offers begin though not every app was looked at',
      );
    this.#missing.clear();
  }
}
