// Names as bytes within a larger text, four at a time: this is where a request of 5,000 names spends its time.

export const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

const FOUR_QUOTES = 0x22222222;
const ONES = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;
/** 2^32 / φ, odd: multiplying by it spreads bits upwards. */
const SPREAD = 0x9e3779b1;

export function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Finds the end of a name and its hash in one go. Kept as an object so that a scan makes no garbage. */
export class NameScanner {
  /** Of the name that was scanned last, 32 bits, of which the low ones are good, too. */
  hash = 0;

  /** Where the next quote is, or −1. */
  scan(view: DataView, start: number): number {
    const lastWord = view.byteLength - 4;
    let hash = 0;
    let at = start;
    for (; at <= lastWord; at += 4) {
      const word = view.getInt32(at, true);
      // A byte that is a quote becomes 0, and a 0 among the four sets a high bit: "determine if a word has a zero byte",
      // https://graphics.stanford.edu/~seander/bithacks.html#ZeroInWord.
      const zeros = word ^ FOUR_QUOTES;
      if (((zeros - ONES) & ~zeros & HIGH_BITS) !== 0) break;
      hash = Math.imul(hash ^ word, SPREAD);
      hash ^= hash >>> 15;
    }
    for (; at < view.byteLength; at += 1) {
      const byte = view.getUint8(at);
      if (byte === QUOTE) {
        hash = Math.imul(hash ^ (at - start), SPREAD);
        this.hash = hash ^ (hash >>> 16);
        return at;
      }
      hash = Math.imul(hash ^ byte, SPREAD);
    }
    return -1;
  }
}

/** Where within the one view and where within the other. */
export interface Range {
  readonly ownStart: number;
  readonly otherStart: number;
  readonly length: number;
}

export function sameBytes(own: DataView, other: DataView, { ownStart, otherStart, length }: Range): boolean {
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    if (own.getInt32(ownStart + at, true) !== other.getInt32(otherStart + at, true)) return false;
  }
  for (; at < length; at += 1) if (own.getUint8(ownStart + at) !== other.getUint8(otherStart + at)) return false;
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
