import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** So many bytes of requests lie about before they are collected: some thirty requests of 5,000 names. */
const COLLECTED_BYTES = 8 * 1024 * 1024;

/**
 * Collects what requests leave behind right after an answer, when kube-scheduler is busy with it and nobody waits for us. Node's HTTP
 * parser copies every body, and V8 counts these copies as memory outside of its heap: left alone, it answers to 64 MiB of them with a
 * collection of the whole heap in the middle of some request (measured: one in a hundred, 4 to 10 ms), while collecting the young part
 * takes half a millisecond.
 */
export class YoungGarbage {
  readonly #collect: () => void;
  #bytes = 0;

  constructor(collect: () => void = youngCollection()) {
    this.#collect = collect;
  }

  /** A request of so many bytes was answered. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < COLLECTED_BYTES) return;
    this.#bytes = 0;
    setImmediate(this.#collect);
  }
}

/** V8's own function: nothing else starts a collection of the young part alone. Does nothing where there is none. */
function youngCollection(): () => void {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('globalThis.gc');
  return typeof gc === 'function' ? () => void gc({ type: 'minor' }) : () => undefined;
}
