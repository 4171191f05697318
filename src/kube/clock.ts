/** Time as this layer needs it; tests pass their own. */
export interface Clock {
  /** Seconds since the epoch, for time stamps that others read. Jumps when somebody sets the clock. */
  epochSeconds(): number;
  /** Seconds on a clock that never jumps, for everything that expires. */
  monotonicSeconds(): number;
  /** Calls `run` once after `seconds`; the answer cancels it. */
  after(seconds: number, run: () => void): () => void;
}

/** setTimeout fires at once beyond 2^31 - 1 milliseconds, so longer waits end early, after 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  epochSeconds: () => Date.now() / 1000,
  monotonicSeconds: () => performance.now() / 1000,
  after: (seconds, run) => {
    const timer = setTimeout(run, Math.min(Math.max(seconds, 0) * 1000, LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/** Waits `seconds`, or until the signal aborts; the caller looks at the signal to know which it was. */
export function sleep(clock: Clock, seconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(seconds, done);
    signal.addEventListener('abort', done, { once: true });
  });
}
