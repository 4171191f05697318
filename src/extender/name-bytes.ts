// Names as bytes within a larger text, four at a time: this is where a request of 5,000 names spends its time.

export const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

const FOUR_QUOTES = 0x22222222;
const ONES = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;

export function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Where the next quote is, or −1. */
export function endOfName(bytes: Buffer, view: DataView, start: number): number {
  const lastWord = view.byteLength - 4;
  let at = start;
  for (; at <= lastWord; at += 4) {
    // A byte that is a quote becomes 0, and a 0 among the four sets a high bit: "determine if a word has a zero byte",
    // https://graphics.stanford.edu/~seander/bithacks.html#ZeroInWord.
    const word = view.getInt32(at, true) ^ FOUR_QUOTES;
    if (((word - ONES) & ~word & HIGH_BITS) !== 0) break;
  }
  while (at < view.byteLength && bytes[at] !== QUOTE) at += 1;
  return at < view.byteLength ? at : -1;
}

/** A multiplicative hash of 32 bits whose low bits are good, too. */
export function hashOfName(view: DataView, start: number, end: number): number {
  let hash = end - start;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; at < end; at += 1) hash = Math.imul(hash ^ view.getUint8(at), 0x01000193);
  return hash ^ (hash >>> 16);
}

/** Whether `length` bytes from `start` on of the other view are the same. */
export function sameBytes(
  own: DataView,
  ownStart: number,
  { other, start, length }: { readonly other: DataView; readonly start: number; readonly length: number },
): boolean {
  let at = 0;
  for (; at + 4 <= length; at += 4)
    if (own.getInt32(ownStart + at, true) !== other.getInt32(start + at, true)) return false;
  for (; at < length; at += 1) if (own.getUint8(ownStart + at) !== other.getUint8(start + at)) return false;
  return true;
}

/** Whether the text needs no escapes in JSON. */
export function isPlain(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === BACKSLASH || byte < SPACE) return false;
  }
  return true;
}
