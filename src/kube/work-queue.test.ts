import { beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { ManualClock, settled } from '../../test/support/hostile-clock.ts';
import { KubeError } from './errors.ts';
import { WorkQueue, type WorkQueueOptions, type Worker } from './work-queue.ts';
import { runs } from '../../test/support/law-runs.ts';

let clock: ManualClock;
let stop: AbortController;

beforeEach(() => {
  clock = new ManualClock();
  stop = new AbortController();
});

function queueOf(worker: Worker, options: Partial<WorkQueueOptions> = {}) {
  const queue = new WorkQueue({
    worker,
    clock,
    random: () => 1,
    backoff: { firstSeconds: 1, capSeconds: 8 },
    ...options,
  });
  return { queue, done: queue.run(stop.signal) };
}

/** A worker whose runs end when the test says so. */
function held() {
  const started: string[] = [];
  const ends: (() => void)[] = [];
  const worker: Worker = (key) => {
    started.push(key);
    return new Promise<void>((resolve) => ends.push(resolve));
  };
  const endNext = async () => {
    ends.shift()?.();
    await settled();
  };
  return { worker, started, endNext };
}

describe('a key', () => {
  test('added many times before it runs, runs once', async () => {
    const { worker, started } = held();
    const queue = new WorkQueue({ worker, clock });
    queue.add('a');
    queue.add('a');
    expect([queue.depth, started]).toEqual([1, []]);
    void queue.run(stop.signal);
    expect([queue.depth, queue.running, started]).toEqual([0, 1, ['a']]);
  });

  test('added while it runs, runs once more after that, not beside it', async () => {
    const { worker, started, endNext } = held();
    const { queue } = queueOf(worker);
    queue.add('a');
    queue.add('a');
    queue.add('a');
    expect(started).toEqual(['a']);
    await endNext();
    expect(started).toEqual(['a', 'a']);
    await endNext();
    expect([started.length, queue.running]).toEqual([2, 0]);
  });

  test('waits while as many others run as may, in the order of adding', async () => {
    const { worker, started, endNext } = held();
    const { queue } = queueOf(worker, { concurrency: 2 });
    for (const key of ['a', 'b', 'c', 'd']) queue.add(key);
    expect(started).toEqual(['a', 'b']);
    await endNext();
    expect(started).toEqual(['a', 'b', 'c']);
  });

  test('that is busy does not hold up the ones behind it', async () => {
    const { worker, started } = held();
    const { queue } = queueOf(worker, { concurrency: 2 });
    for (const key of ['a', 'a', 'b']) queue.add(key);
    expect(started).toEqual(['a', 'b']);
  });

  test('runs at its time, or sooner when asked', async () => {
    const runs: [string, number][] = [];
    const { queue } = queueOf((key) => Promise.resolve(void runs.push([key, clock.monotonicSeconds()])));
    queue.addAfter('later', 10);
    queue.addAfter('sooner', 10);
    queue.addAfter('sooner', 5);
    queue.addAfter('sooner', 20);
    queue.addAfter('now', 10);
    queue.add('now');
    await clock.advance(60);
    expect(runs).toEqual([
      ['now', 0],
      ['sooner', 5],
      ['later', 10],
    ]);
  });

  test('is woken again when its run says so', async () => {
    const { queue } = queueOf(() => Promise.resolve({ wakeAfterSeconds: 30 }));
    queue.add('a');
    await clock.advance(100);
    expect(queue.counters.runs).toBe(4);
    queue.forget('a');
    await clock.advance(100);
    expect(queue.counters.runs).toBe(4);
  });
});

const failing = (error: unknown) => () => Promise.reject(error);

const delayAfter = async (error: unknown, failures: number) => {
  const { queue } = queueOf(failing(error));
  queue.add('a');
  await settled();
  for (let count = 1; count < failures; count += 1) await clock.advance(clock.nextInSeconds() ?? 0);
  return clock.nextInSeconds();
};

describe('a failure', () => {
  test.each([
    ['once', 1, 1],
    ['twice', 2, 2],
    ['three times', 3, 4],
    ['very often', 9, 8],
  ])('%s is retried after a delay that doubles up to the cap', async (_what, failures, seconds) => {
    expect(await delayAfter(new Error('x'), failures)).toBe(seconds);
  });

  test('waits at least as long as the server asks', async () => {
    const throttled = new KubeError({
      status: 429,
      reason: 'TooManyRequests',
      message: 'slow down',
      retryAfterSeconds: 25,
    });
    expect(await delayAfter(throttled, 1)).toBe(25);
  });

  test('that stands until somebody changes something is retried rarely', async () => {
    expect(await delayAfter(new KubeError({ status: 422, reason: 'Invalid', message: 'no' }), 1)).toBe(8);
  });

  test('is forgotten after a success', async () => {
    const outcomes = [false, false, true, false];
    const { queue } = queueOf(() => (outcomes.shift() ? Promise.resolve() : Promise.reject(new Error('x'))));
    queue.add('a');
    await clock.advance(3);
    expect(outcomes.length).toBe(1);
    queue.add('a');
    await settled();
    expect(clock.nextInSeconds()).toBe(1);
  });

  test('is reported once, and a report that throws harms nobody', async () => {
    const reported: unknown[] = [];
    const onError = (key: string) => {
      reported.push(key);
      throw new Error('a mistake');
    };
    const { queue } = queueOf(failing(new Error('x')), { onError });
    queue.add('a');
    await settled();
    expect([reported, queue.counters, queue.delayed]).toEqual([['a'], { runs: 1, failures: 1 }, 1]);
  });

  test('of a worker that throws before it answers a promise counts too', async () => {
    const { queue } = queueOf(() => {
      throw new Error('x');
    });
    queue.add('a');
    await settled();
    expect(queue.counters.failures).toBe(1);
  });
});

describe('the end', () => {
  test('drained, a queue starts nothing, and ends when the last run has, undisturbed', async () => {
    const { worker, started, endNext } = held();
    const signals: AbortSignal[] = [];
    const { queue, done } = queueOf((key, signal) => (signals.push(signal), worker(key, signal)), { concurrency: 1 });
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 1);
    let ended = false;
    void queue.drain().then(() => (ended = true));
    await clock.advance(10);
    expect([started, ended, queue.delayed, signals[0]?.aborted]).toEqual([['a'], false, 0, false]);
    await endNext();
    await done;
    expect([started, ended]).toEqual([['a'], true]);
  });

  test('stopped, a queue tells the workers that run, and waits for them', async () => {
    const { queue, done } = queueOf(
      (_key, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
    );
    queue.add('a');
    stop.abort();
    await done;
    expect(queue.running).toBe(0);
  });

  test('a queue that never had work ends too', async () => {
    const { done } = queueOf(() => Promise.resolve());
    stop.abort();
    await done;
  });
});

test('the age of the oldest waiting key is known', async () => {
  const { worker } = held();
  const { queue } = queueOf(worker, { concurrency: 1 });
  queue.add('a');
  queue.add('b');
  await clock.advance(7);
  expect(queue.oldestReadySeconds()).toBe(7);
});

test('whatever is added when: no key runs beside itself, and each runs after its last adding', async () => {
  const step = fc.record({
    key: fc.constantFrom('a', 'b', 'c'),
    delay: fc.nat(3),
    runs: fc.nat(3),
    pause: fc.nat(2),
    fails: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
      clock = new ManualClock();
      const running = new Set<string>();
      const lastStart = new Map<string, number>();
      const lastAdded = new Map<string, number>();
      let ticks = 0;
      let current = steps[0];
      const queue = new WorkQueue({
        clock,
        random: () => 1,
        concurrency: 2,
        worker: async (key) => {
          expect(running.has(key)).toBe(false);
          running.add(key);
          lastStart.set(key, ++ticks);
          const plan = current;
          await new Promise<void>((resolve) => void clock.after(plan?.runs ?? 0, resolve));
          running.delete(key);
          if (plan?.fails) throw new Error('x');
        },
      });
      const stopNow = new AbortController();
      const done = queue.run(stopNow.signal);
      for (const one of steps) {
        current = one;
        lastAdded.set(one.key, ++ticks);
        queue.addAfter(one.key, one.delay);
        await clock.advance(one.pause);
      }
      current = undefined;
      await clock.advance(120);
      expect([queue.depth, queue.running]).toEqual([0, 0]);
      for (const [key, added] of lastAdded) expect(lastStart.get(key) ?? 0).toBeGreaterThan(added);
      stopNow.abort();
      await done;
    }),
    runs(60),
  );
});
