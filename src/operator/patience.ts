import type { Clock } from '../kube/clock.ts';

/**
 * How long those who wait in line wait for one request: many times what an API server needs that answers at all, and far less than the
 * 10 s after which Writer gives up one that has no answer.
 */
export const PATIENCE_SECONDS = 1;

/** Whether `work` ended in so many seconds. It goes on in any case; what it throws later is lost. Throws what it threw by then. */
export function endsWithin(clock: Pick<Clock, 'after'>, seconds: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(seconds, () => resolve(false));
    work.then(
      () => {
        cancel();
        resolve(true);
      },
      (error) => {
        cancel();
        reject(error);
      },
    );
  });
}
