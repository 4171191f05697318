import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../kube/clock.ts';

const EVERY_MILLIS = 500;

/** Asks again and again until there is an answer; undefined when there is none after `seconds`. */
export async function waitFor<T>(ask: () => Promise<T | undefined>, seconds: number): Promise<T | undefined> {
  const end = systemClock.monotonicSeconds() + seconds;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || systemClock.monotonicSeconds() >= end) return answer;
    await sleep(EVERY_MILLIS);
  }
}
