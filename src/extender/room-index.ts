import { unknownRoom, type NodeRoom } from '../core/admission/admission-world.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const SPACE = 0x20;

/**
 * Nodes by name, found by the bytes of a request without making a string of each: 5,000 fresh strings cost 2 ms to parse and hash,
 * this about a quarter of that. An open hash table; `#slots` holds entry numbers + 1, a deleted node leaves its entry without a room.
 */
export class RoomIndex {
  #slots = new Int32Array(1024);
  #hashes = new Int32Array(512);
  /** All names, one after another; entry e has the bytes from `#starts[e]` to `#starts[e + 1]`. */
  #names = new Uint8Array(32_768);
  #starts = new Int32Array(513);
  #rooms: (NodeRoom | undefined)[] = [];
  readonly #entries = new Map<string, number>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(name: string): NodeRoom | undefined {
    const entry = this.#entries.get(name);
    return entry === undefined ? undefined : this.#rooms[entry];
  }

  set(name: string, room: NodeRoom): void {
    const known = this.#entries.get(name);
    if (known !== undefined) {
      if (this.#rooms[known] === undefined) this.#size += 1;
      this.#rooms[known] = room;
      return;
    }
    this.#size += 1;
    if (this.#rooms.length * 2 >= this.#slots.length) this.#rebuild();
    this.#add(name, room);
  }

  delete(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined || this.#rooms[entry] === undefined) return;
    this.#rooms[entry] = undefined;
    this.#size -= 1;
  }

  /**
   * The rooms of a JSON list of strings, in its order; `from` is behind its opening bracket. A name that is not known gets an empty
   * room. Undefined when this is not a plain list of strings without escapes, which node names never need.
   */
  resolve(json: Buffer, from: number): { readonly rooms: readonly NodeRoom[]; readonly end: number } | undefined {
    const rooms: NodeRoom[] = [];
    let at = from;
    while (json[at] === QUOTE) {
      const start = at + 1;
      let hash = SEED;
      let byte = json[start];
      for (at = start; byte !== QUOTE; byte = json[(at += 1)]) {
        if (byte === undefined || byte === BACKSLASH || byte < SPACE) return undefined;
        hash = Math.imul(hash ^ byte, PRIME);
      }
      rooms.push(this.#find(json, start, at, hash) ?? unknownRoom(json.toString('utf8', start, at)));
      at += 1;
      if (json[at] !== COMMA) break;
      at += 1;
    }
    return json[at] === CLOSING_BRACKET ? { rooms, end: at + 1 } : undefined;
  }

  #find(json: Buffer, start: number, end: number, hash: number): NodeRoom | undefined {
    const mask = this.#slots.length - 1;
    for (let slot = mix(hash) & mask; ; slot = (slot + 1) & mask) {
      const entry = (this.#slots[slot] ?? 0) - 1;
      if (entry < 0) return undefined;
      if (this.#hashes[entry] === hash && this.#isNamed(entry, json, start, end)) return this.#rooms[entry];
    }
  }

  #isNamed(entry: number, json: Buffer, start: number, end: number): boolean {
    const names = this.#names;
    const first = this.#starts[entry] ?? 0;
    if ((this.#starts[entry + 1] ?? 0) - first !== end - start) return false;
    for (let at = start, own = first; at < end; at += 1, own += 1) if (names[own] !== json[at]) return false;
    return true;
  }

  #add(name: string, room: NodeRoom): void {
    const bytes = Buffer.from(name);
    const hash = hashOf(bytes);
    const entry = this.#rooms.push(room) - 1;
    const start = this.#starts[entry] ?? 0;
    if (start + bytes.length > this.#names.length) this.#names = copied(this.#names, (start + bytes.length) * 2);
    this.#names.set(bytes, start);
    this.#starts[entry + 1] = start + bytes.length;
    this.#hashes[entry] = hash;
    this.#entries.set(name, entry);
    const mask = this.#slots.length - 1;
    let slot = mix(hash) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }

  /** Leaves deleted nodes out, and makes room for as many again. */
  #rebuild(): void {
    const rooms = this.#rooms.filter((room) => room !== undefined);
    const size = 2 ** Math.ceil(Math.log2(Math.max(1024, rooms.length * 4)));
    this.#slots = new Int32Array(size);
    this.#hashes = new Int32Array(size / 2);
    this.#starts = new Int32Array(size / 2 + 1);
    this.#rooms = [];
    this.#entries.clear();
    for (const room of rooms) this.#add(room.name, room);
  }
}

function copied(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const longer = new Uint8Array(length);
  longer.set(bytes);
  return longer;
}

const CLOSING_BRACKET = 0x5d;

// FNV-1a, 32 bits. Its low bits are weak for names that differ in their last digits, hence the mixing.
const SEED = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

function hashOf(bytes: Buffer): number {
  let hash = SEED;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME);
  return hash;
}

function mix(hash: number): number {
  return hash ^ (hash >>> 15);
}
