import type { Clock } from './clock.ts';
import { KubeError } from './errors.ts';

const nothing = () => undefined;

/** Ends one exchange: when the time given passes, or when the caller's signal aborts. Its signal's reason is always a KubeError. */
export class Deadline {
  readonly #clock: Clock;
  readonly #what: string;
  readonly #outer: AbortSignal | undefined;
  readonly #controller = new AbortController();
  readonly #onOuterAbort: () => void;
  #cancel: () => void = nothing;

  /** `what` names the exchange in messages. */
  constructor(clock: Clock, what: string, outer: AbortSignal | undefined) {
    this.#clock = clock;
    this.#what = what;
    this.#outer = outer;
    this.#onOuterAbort = () => this.#stop('Aborted', 'ended because its caller is stopping');
    if (outer?.aborted) this.#onOuterAbort();
    else outer?.addEventListener('abort', this.#onOuterAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Sets or moves the deadline to `seconds` from now. */
  set(seconds: number, reason: string, message: string): void {
    this.#cancel();
    this.#cancel = this.#clock.after(seconds, () => this.#stop(reason, message));
  }

  /** The exchange is over: nothing fires any more. */
  end(): void {
    this.#cancel();
    this.#outer?.removeEventListener('abort', this.#onOuterAbort);
  }

  #stop(reason: string, message: string): void {
    this.#controller.abort(new KubeError({ status: 0, reason, message: `${this.#what}: ${message}` }));
  }
}

/** The promise's answer, or a rejection with the signal's reason as soon as that aborts. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
