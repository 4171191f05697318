import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
  readonly timeoutSeconds: number;
  /** Default 100. */
  readonly everyMilliseconds?: number;
}

/**
 * Asks until the answer is neither undefined nor false, and returns it. An exception of `ask` counts as "not yet" and is told when
 * time is up. `what` completes the sentence "… did not happen in N s".
 */
export async function waitUntil<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  options: WaitOptions,
): Promise<T> {
  const end = performance.now() + options.timeoutSeconds * 1000;
  let reason = '';
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      reason = '';
    } catch (error) {
      reason = error instanceof Error ? `: ${error.message}` : `: ${String(error)}`;
    }
    if (performance.now() > end) throw new Error(`${what} did not happen in ${options.timeoutSeconds} s${reason}`);
    await sleep(options.everyMilliseconds ?? 100);
  }
}
