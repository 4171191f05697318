/** Short of the 2 s that kube-scheduler waits for an answer. */
const PATIENCE_MS = 1500;

/**
 * Holds an answer back for a moment while what it hangs on may be on its way from the API server. It matters for the preempt verb alone: a
 * pod that kube-scheduler's own checks kept off every node never reaches filter, so kube-scheduler (1.36) does not count us among those
 * who refused it, takes no notice of the annotation by which we wake pods, and tries again only when a pod of some node goes, or after
 * a minute or two (ADR 26; `isPodWorthRequeuing`; NodeResourcesFit wants no word of other changes).
 */
export class LateNews {
  readonly #waiting = new Set<() => void>();

  /** Something was heard of. */
  arrived(): void {
    for (const look of this.#waiting) look();
  }

  /** Waits until it is so, looking at every arrival; for a second and a half at most. */
  until(isSo: () => boolean): Promise<void> {
    if (isSo()) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const look = (): void => {
        if (isSo()) end();
      };
      const timer = setTimeout(end, PATIENCE_MS);
      this.#waiting.add(look);
    });
  }
}
