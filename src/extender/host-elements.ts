import { UNHELD } from '../core/admission/prioritize.ts';

/** An element is a whole number of words: spaces mean nothing in JSON, and words are copied faster than bytes. */
const WORD = 4;

/**
 * The elements of a HostPriorityList that prefer a node, one for each entry of an index, kept ready, as an answer may hold thousands.
 * Each begins with the comma that parts it from the one before.
 */
export class HostElements {
  #words = new Int32Array(16_384);
  #bytes = Buffer.from(this.#words.buffer);
  /** By entry, in words; entry e ends where entry e + 1 begins. */
  #starts = new Int32Array(1025);
  #count = 0;

  /** For the next entry. */
  add(name: string): void {
    const text = elementOf(name);
    const start = this.#starts[this.#count] ?? 0;
    const end = start + Buffer.byteLength(text) / WORD;
    if (end > this.#words.length) this.#lengthen(end * 2);
    this.#bytes.write(text, start * WORD);
    if (this.#count + 2 > this.#starts.length) this.#starts = longer(this.#starts, this.#count * 2);
    this.#count += 1;
    this.#starts[this.#count] = end;
  }

  clear(): void {
    this.#count = 0;
  }

  /** Copies the element of an entry to this word, and answers the word behind it. */
  copy(entry: number, target: Int32Array, at: number): number {
    const words = this.#words;
    const end = this.#starts[entry + 1] ?? 0;
    let to = at;
    for (let word = this.#starts[entry] ?? 0; word < end; word += 1) {
      target[to] = words[word] ?? 0;
      to += 1;
    }
    return to;
  }

  #lengthen(words: number): void {
    this.#words = longer(this.#words, words);
    this.#bytes = Buffer.from(this.#words.buffer);
  }
}

/** The element of a node, its comma first, padded to whole words. */
export function elementOf(name: string): string {
  const text = `,{"Host":"${name}","Score":${UNHELD}}`;
  return text + ' '.repeat((WORD - (Buffer.byteLength(text) % WORD)) % WORD);
}

function longer(numbers: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(length);
  copy.set(numbers);
  return copy;
}
