import { unknownRoom, type NodeRoom } from '../core/admission/admission-world.ts';
import { NameScanner, QUOTE, isPlain, sameBytes, viewOf } from './name-bytes.ts';

const COMMA = 0x2c;
const CLOSING_BRACKET = 0x5d;

/**
 * Nodes by name, found by the bytes of a request without making a string of each: 5,000 fresh strings cost 2 ms to parse and hash,
 * this a small part of that. An open hash table; `#slots` holds entry numbers + 1, a deleted node leaves its entry without a room.
 */
export class RoomIndex {
  #slots = new Int32Array(1024);
  #hashes = new Int32Array(512);
  /** All names, one after another; entry e has the bytes from `#starts[e]` to `#starts[e + 1]`. */
  #names = Buffer.alloc(32_768);
  #nameView = viewOf(this.#names);
  #starts = new Int32Array(513);
  #rooms: (NodeRoom | undefined)[] = [];
  readonly #entries = new Map<string, number>();
  readonly #scanner = new NameScanner();
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
   * The rooms of a JSON list of strings, in its order. A name that is not known gets an empty room. Undefined when this is not a
   * compact list of strings without escapes, which node names never need.
   */
  resolve(json: Buffer): readonly NodeRoom[] | undefined {
    const view = viewOf(json);
    const rooms: NodeRoom[] = [];
    let at = 1;
    while (json[at] === QUOTE) {
      const start = at + 1;
      at = this.#scanner.scan(view, start);
      if (at < 0) return undefined;
      const known = this.#find(view, start, at - start);
      if (known === undefined && !isPlain(json, start, at)) return undefined;
      rooms.push(known ?? unknownRoom(json.toString('utf8', start, at)));
      at += 1;
      if (json[at] !== COMMA) break;
      at += 1;
    }
    return json[at] === CLOSING_BRACKET && at === json.length - 1 ? rooms : undefined;
  }

  /** The room of the name that was scanned last. */
  #find(json: DataView, start: number, length: number): NodeRoom | undefined {
    const { hash } = this.#scanner;
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = (slots[slot] ?? 0) - 1;
      if (entry < 0) return undefined;
      if (this.#hashes[entry] !== hash) continue;
      const ownStart = this.#starts[entry] ?? 0;
      const ownLength = (this.#starts[entry + 1] ?? 0) - ownStart;
      if (ownLength === length && sameBytes(this.#nameView, json, { ownStart, otherStart: start, length }))
        return this.#rooms[entry];
    }
  }

  #add(name: string, room: NodeRoom): void {
    const entry = this.#rooms.push(room) - 1;
    const start = this.#starts[entry] ?? 0;
    const end = start + Buffer.byteLength(name);
    if (end + 1 > this.#names.length) this.#lengthenNames((end + 1) * 2);
    // With its closing quote, as it will be in requests; the next name goes over that.
    this.#names.write(`${name}"`, start);
    this.#starts[entry + 1] = end;
    this.#scanner.scan(this.#nameView, start);
    this.#hashes[entry] = this.#scanner.hash;
    this.#entries.set(name, entry);
    const mask = this.#slots.length - 1;
    let slot = this.#scanner.hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }

  #lengthenNames(length: number): void {
    const longer = Buffer.alloc(length);
    this.#names.copy(longer);
    this.#names = longer;
    this.#nameView = viewOf(longer);
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
