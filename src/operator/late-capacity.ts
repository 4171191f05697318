import type { ClusterView } from '../core/view/cluster-view.ts';
import type { Clock } from '../kube/clock.ts';
import type { Stores } from './caches.ts';

/** Volumes that were made in the same moment are let go together. */
const GATHER_SECONDS = 1;

/**
 * Tells the view how late it is, from now on: now, and whenever time ends what it thought of volumes that were just made. `nudge`: bytes
 * are offered again that were not. To be called after whatever keeps the view equal to the stores.
 */
export function ageLateCapacity(
  view: Pick<ClusterView, 'advance' | 'storage'>,
  { volumes, claims }: Pick<Stores, 'volumes' | 'claims'>,
  clock: Clock,
  nudge: () => void,
): void {
  let isWaiting = false;
  const wait = (): void => {
    const next = isWaiting ? undefined : view.storage.nextAdvance();
    if (next === undefined) return;
    isWaiting = true;
    clock.after(Math.max(GATHER_SECONDS, next - clock.epochSeconds()), () => {
      isWaiting = false;
      view.advance(clock.epochSeconds());
      nudge();
      wait();
    });
  };
  view.advance(clock.epochSeconds());
  volumes.onChange(wait);
  claims.onChange(wait);
}
