// Names as bytes within a larger text, eight at a time: this is where a request of 5,000 names spends its time.

const QUOTE = 0x22;
/** The two bytes between names, as a number of 16 bits. */
const COMMA_QUOTE = 0x222c;
/** An empty name, with its quotes and a comma. */
const SHORTEST_NAME = 3;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

const FOUR_QUOTES = 0x22222222;
const ONES = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;
/** 2^32 / φ, and a prime of MurmurHash3: odd, so that multiplying loses nothing. */
const SPREAD_EVEN = 0x9e3779b1;
const SPREAD_ODD = 0x85ebca6b;

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * The names of a JSON list of strings, where they are and what their 64-bit hashes are, as columns. Kept as an object, and used again
 * and again, so that a scan makes no garbage. Escapes are taken as they are: nobody knows a name with one.
 */
export class ScannedNames {
  count = 0;
  /** Where each name begins, behind its quote; one more than there are names: where another name would begin. */
  starts = new Int32Array(1025);
  /** Two times 32 bits of hash. */
  evens = new Int32Array(1024);
  odds = new Int32Array(1024);

  /** False when this is not a compact list of strings. */
  scan(json: Buffer): boolean {
    this.count = 0;
    if (json.length === 2) return json[0] === OPENING_BRACKET && json[1] === CLOSING_BRACKET;
    if (json[0] !== OPENING_BRACKET || json[1] !== QUOTE) return false;
    this.#lengthen(Math.ceil(json.length / SHORTEST_NAME));
    const end = this.#scanNames(viewOf(json), json.length);
    return end === json.length - 1 && json[end] === CLOSING_BRACKET;
  }

  /** Answers where the byte behind the quote of the last name is. One loop for all, with nothing in it that is not a number. */
  #scanNames(view: DataView, length: number): number {
    const { starts, evens, odds } = this;
    // Looked up once: under Jest, a global is behind a proxy, and ten mebibytes of names would take a second.
    const imul = Math.imul;
    const lastPair = length - 8;
    let count = 0;
    let start = 2;
    let at = start;
    let even = 0;
    let odd = 0;
    while (at < length) {
      const low = at <= lastPair ? view.getInt32(at, true) : lastWord(view, at);
      const high = at <= lastPair ? view.getInt32(at + 4, true) : lastWord(view, at + 4);
      const inLow = quotesIn(low);
      const inHigh = quotesIn(high);
      if ((inLow | inHigh) === 0) {
        even = imul(even ^ low, SPREAD_EVEN);
        odd = imul(odd ^ high, SPREAD_ODD) ^ (even >>> 15);
        even ^= odd >>> 13;
        at += 8;
        continue;
      }
      const rest = inLow === 0 ? 4 + firstByte(inHigh) : firstByte(inLow);
      const last = odd ^ bytesOf(high, rest - 4) ^ (at + rest - start);
      const mixed = imul(even ^ bytesOf(low, rest), SPREAD_EVEN) ^ last;
      const other = imul(last, SPREAD_ODD) ^ (mixed >>> 15);
      starts[count] = start;
      odds[count] = imul(other ^ (other >>> 13), SPREAD_EVEN);
      evens[count] = imul(mixed ^ (other >>> 14), SPREAD_ODD) ^ (mixed >>> 16);
      count += 1;
      even = 0;
      odd = 0;
      at += rest + 1;
      start = at + 2;
      if (at >= length - 1 || view.getUint16(at, true) !== COMMA_QUOTE) break;
      at = start;
    }
    starts[count] = start;
    this.count = count;
    return at;
  }

  #lengthen(names: number): void {
    if (names <= this.evens.length) return;
    this.starts = new Int32Array(names + 1);
    this.evens = new Int32Array(names);
    this.odds = new Int32Array(names);
  }
}

/**
 * Not 0 when a byte of the word is a quote; the lowest bit that is set is in the first such byte. "Determine if a word has a zero
 * byte", https://graphics.stanford.edu/~seander/bithacks.html#ZeroInWord.
 */
function quotesIn(word: number): number {
  const zeros = word ^ FOUR_QUOTES;
  return (zeros - ONES) & ~zeros & HIGH_BITS;
}

/** Which byte of a word the lowest set bit is in. */
function firstByte(bits: number): number {
  return (31 - Math.clz32(bits & -bits)) >> 3;
}

/** The first so many bytes of a word, the others 0. */
function bytesOf(word: number, count: number): number {
  if (count <= 0) return 0;
  return count >= 4 ? word : word & ((1 << (count * 8)) - 1);
}

/** A word that may go over the end of the text, where it reads 0. */
function lastWord(view: DataView, at: number): number {
  let word = 0;
  for (let byte = 0; byte < 4 && at + byte < view.byteLength; byte += 1) word |= view.getUint8(at + byte) << (byte * 8);
  return word;
}

/** Whether the text needs no escapes in JSON. */
export function isPlain(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === BACKSLASH || byte < SPACE) return false;
  }
  return true;
}
