/** Closed until opened once; any number may wait for that. */
export class SyncGate {
  readonly #waiting = new Set<() => void>();
  #open = false;

  get isOpen(): boolean {
    return this.#open;
  }

  open(): void {
    this.#open = true;
    for (const done of this.#waiting) done();
    this.#waiting.clear();
  }

  /** Resolves when open; rejects with the signal's reason when that comes first. */
  wait(signal: AbortSignal): Promise<void> {
    if (this.#open) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.#waiting.delete(done);
        reject(signal.reason);
      };
      const done = () => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
      if (signal.aborted) {
        stop();
        return;
      }
      this.#waiting.add(done);
      signal.addEventListener('abort', stop, { once: true });
    });
  }
}
