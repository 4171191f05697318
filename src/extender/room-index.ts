import type { NodeRoom } from '../core/admission/admission-world.ts';
import type { Promises } from '../core/admission/node-promises.ts';
import { RoomColumns } from '../core/admission/room-columns.ts';
import type { Resources } from '../core/resources/resources.ts';
import { HostElements } from './host-elements.ts';
import { ScannedNames, isPlain } from './name-bytes.ts';

/** A JSON list of names, and where its names are. Good until the next one is resolved. */
export interface ResolvedNames {
  /** In the order of the list; −1 for a name that is not known. */
  readonly entries: Int32Array;
  /** Where each name begins, behind its quote; one more than entries: where another name would begin. */
  readonly starts: Int32Array;
}

/**
 * Nodes by name, found by the bytes of a request without making a string of each: 5,000 fresh strings cost 2 ms to parse and hash,
 * this a small part of that. A name is known by its 64-bit hash: that any two of 10,000 have the same is as likely as 1 in 10^11.
 * A deleted node leaves its entry without a room.
 */
export class RoomIndex implements Promises {
  /** By entry. */
  readonly columns = new RoomColumns();
  readonly elements = new HostElements();
  /** An open hash table: three numbers a place, which are entry + 1 or 0, and the two halves of the hash. */
  #table = new Int32Array(1024 * 3);
  #names: string[] = [];
  readonly #entries = new Map<string, number>();
  /** Of the request, and of a name that is added. */
  readonly #scanned = new ScannedNames();
  readonly #added = new ScannedNames();
  #found = new Int32Array(1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(name: string): NodeRoom | undefined {
    const entry = this.#entries.get(name);
    return entry === undefined ? undefined : this.columns.room(entry, name);
  }

  set(name: string, room: NodeRoom): void {
    const entry = this.#entryOf(name);
    if (!this.columns.isKnown(entry)) this.#size += 1;
    this.columns.set(entry, room);
  }

  delete(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined || !this.columns.isKnown(entry)) return;
    this.columns.clear(entry);
    this.#size -= 1;
  }

  promise(nodes: readonly string[], requests: Resources, change: 'promised' | 'released'): void {
    // First, as a new entry may number all others anew.
    for (const node of nodes) this.#entryOf(node);
    this.columns.promise(
      nodes.map((node) => this.#entryOf(node)),
      requests,
      change,
    );
  }

  promised(node: string, resource: string): number {
    return this.columns.promised(this.#entries.get(node) ?? -1, resource);
  }

  /**
   * The entries of a JSON list of strings. Undefined when this is not a compact list of strings without escapes, which node names
   * never need.
   */
  resolve(json: Buffer): ResolvedNames | undefined {
    const scanned = this.#scanned;
    if (!scanned.scan(json)) return undefined;
    const { count, starts, evens, odds } = scanned;
    if (this.#found.length < count) this.#found = new Int32Array(evens.length);
    for (let position = 0; position < count; position += 1) {
      const entry = this.#find(evens[position] ?? 0, odds[position] ?? 0);
      if (entry < 0 && !isPlain(json, starts[position] ?? 0, (starts[position + 1] ?? 0) - 3)) return undefined;
      this.#found[position] = entry;
    }
    return { entries: this.#found.subarray(0, count), starts: starts.subarray(0, count + 1) };
  }

  /** The entry of the name with this hash, or −1. */
  #find(even: number, odd: number): number {
    const table = this.#table;
    let place = this.#firstPlace(even);
    for (;;) {
      const entry = (table[place] ?? 0) - 1;
      if (entry < 0 || (table[place + 1] === even && table[place + 2] === odd)) return entry;
      place = this.#nextPlace(place);
    }
  }

  /** Where to look first: the table has a power of two places. */
  #firstPlace(even: number): number {
    return (even & (this.#table.length / 3 - 1)) * 3;
  }

  #nextPlace(place: number): number {
    return place + 3 === this.#table.length ? 0 : place + 3;
  }

  #entryOf(name: string): number {
    const known = this.#entries.get(name);
    if (known !== undefined) return known;
    if (this.#names.length * 4 >= this.#table.length) this.#rebuild();
    return this.#add(name);
  }

  #add(name: string): number {
    const entry = this.#names.push(name) - 1;
    this.elements.add(name);
    this.#entries.set(name, entry);
    this.#added.scan(Buffer.from(JSON.stringify([name])));
    const [even = 0, odd = 0] = [this.#added.evens[0], this.#added.odds[0]];
    let place = this.#firstPlace(even);
    while (this.#table[place] !== 0) place = this.#nextPlace(place);
    this.#table.set([entry + 1, even, odd], place);
    return entry;
  }

  /** Leaves out what is gone and promised to nobody, and makes room for as many again. */
  #rebuild(): void {
    const kept = [...this.#names.keys()].filter((entry) => this.columns.isUsed(entry));
    const names = kept.map((entry) => this.#names[entry] ?? '');
    const size = 2 ** Math.ceil(Math.log2(Math.max(1024, names.length * 1.5)));
    this.#table = new Int32Array(size * 3);
    this.elements.clear();
    this.#names = [];
    this.#entries.clear();
    this.columns.keep(kept);
    for (const name of names) this.#add(name);
  }
}
