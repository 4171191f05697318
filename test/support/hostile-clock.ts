import type { Clock } from '../../src/kube/clock.ts';

interface Timer {
  readonly dueAt: number;
  readonly run: () => void;
}

/** Time and timers without a time of their own. */
class SteppedClock implements Clock {
  protected now = 0;
  protected readonly timers = new Set<Timer>();

  epochSeconds(): number {
    return 1_767_323_045 + this.now;
  }

  monotonicSeconds(): number {
    return this.now;
  }

  after(seconds: number, run: () => void): () => void {
    const timer = { dueAt: this.now + Math.max(seconds, 0), run };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** The timer that is due first, if one is until then. */
  protected nextUntil(seconds: number): Timer | undefined {
    return [...this.timers].filter((timer) => timer.dueAt <= seconds).sort((a, b) => a.dueAt - b.dueAt)[0];
  }

  protected fire(timer: Timer): void {
    this.now = Math.max(this.now, timer.dueAt);
    this.timers.delete(timer);
    timer.run();
  }
}

/** Passes `secondsPerTick` in each turn of the event loop (about a millisecond) while somebody waits for it. */
class TickingClock extends SteppedClock {
  readonly #secondsPerTick: number;
  #ticking = false;

  constructor(secondsPerTick: number) {
    super();
    this.#secondsPerTick = secondsPerTick;
  }

  override after(seconds: number, run: () => void): () => void {
    const cancel = super.after(seconds, run);
    if (!this.#ticking) this.#tick();
    return cancel;
  }

  #tick(): void {
    this.#ticking = true;
    setTimeout(() => {
      const until = this.now + this.#secondsPerTick;
      for (let next = this.nextUntil(until); next !== undefined; next = this.nextUntil(until)) this.fire(next);
      this.now = until;
      this.#ticking = false;
      if (this.timers.size > 0) this.#tick();
    }, 1);
  }
}

/**
 * A clock about `factor` times faster than a real one, so that waits of minutes take milliseconds. It counts turns of the event loop,
 * not time: on a busy machine it stands still together with the code under test.
 */
export function fastClock(factor: number): Clock {
  return new TickingClock(factor / 1000);
}

/** A clock that stands still until `advance` moves it. */
export class ManualClock extends SteppedClock {
  /** Seconds until the next timer, for tests that check a delay; undefined when there is none. */
  nextInSeconds(): number | undefined {
    const next = this.nextUntil(Infinity);
    return next === undefined ? undefined : next.dueAt - this.now;
  }

  /** Lets so much time pass, running what falls due in its order, and what promises follow from it. */
  async advance(seconds: number): Promise<void> {
    const until = this.now + seconds;
    await settled();
    for (let next = this.nextUntil(until); next !== undefined; next = this.nextUntil(until)) {
      this.fire(next);
      await settled();
    }
    this.now = until;
    await settled();
  }
}

/** Resolves when all promises that could go on without time or network have. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Waits until the condition holds; fails with `what` after `seconds`. */
export async function eventually(what: string, condition: () => boolean, seconds = 5): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 2);
    });
  }
}
