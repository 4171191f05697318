/** Buffers are whole numbers of these, so that one fits the next request, too. */
const PIECE = 65_536;

/** What is larger than this is not kept. */
const LARGEST = 2 * 1024 * 1024;

const KEPT = 8;

/**
 * Buffers that are used again. A quarter of a megabyte that is made anew for each request and each answer lets V8 collect all garbage
 * about every hundred requests, and that takes longer than the request (measured: 4 to 10 ms).
 */
export class BufferPool {
  readonly #free: Buffer[] = [];
  /** All that we made, by what is under a buffer and every part of it. */
  readonly #made = new WeakMap<ArrayBufferLike, Buffer>();

  /** A buffer of so many bytes at least, with anything in it. Whoever never gives it back loses nothing but time. */
  take(bytes: number): Buffer {
    const index = this.#free.findIndex(({ length }) => length >= bytes);
    const [known] = index < 0 ? [] : this.#free.splice(index, 1);
    if (known !== undefined) return known;
    const made = Buffer.allocUnsafeSlow(Math.max(1, Math.ceil(bytes / PIECE)) * PIECE);
    this.#made.set(made.buffer, made);
    return made;
  }

  /** Takes back a buffer, or the one that this is a part of; others are left alone. Nobody may look at it any more. */
  giveBack({ buffer }: Buffer): void {
    const made = this.#made.get(buffer);
    if (made === undefined || made.length > LARGEST || this.#free.includes(made)) return;
    this.#free.push(made);
    if (this.#free.length > KEPT) this.#free.shift();
  }
}
