import type { Candidates } from '../core/admission/candidates.ts';
import type { RoomColumns } from '../core/admission/room-columns.ts';
import type { ResolvedNames, RoomIndex } from './room-index.ts';
import { WireError } from './wire-error.ts';

/**
 * The names of a request, still as JSON. Most requests are for a member with a slot, and need nothing but to find one name among the
 * bytes: 5,000 names as strings cost half a millisecond, looked up another one.
 */
export class ListedCandidates implements Candidates {
  readonly index: RoomIndex;
  #json: Buffer;
  #resolved: ResolvedNames | undefined;

  /** @param json a list of strings, brackets included. */
  constructor(json: Buffer, index: RoomIndex) {
    this.#json = json;
    this.index = index;
  }

  get rooms(): RoomColumns {
    return this.index.columns;
  }

  has(node: string): boolean {
    return this.#json.includes(`"${node}"`);
  }

  get count(): number {
    return this.#found().entries.length;
  }

  /** Throws WireError when it is no list of node names. */
  entries(): Int32Array {
    return this.#found().entries;
  }

  name(position: number): string {
    return this.#json.toString('utf8', this.#start(position), this.#end(position));
  }

  /** Writes the name at this place, and answers where it ends. */
  writeName(position: number, target: Buffer, at: number): number {
    return at + this.#json.copy(target, at, this.#start(position), this.#end(position));
  }

  /** How many bytes all names together are, with what is between them. */
  get byteLength(): number {
    return this.#json.length;
  }

  #start(position: number): number {
    return this.#found().starts[position] ?? 0;
  }

  #end(position: number): number {
    return (this.#found().starts[position + 1] ?? 0) - BETWEEN_NAMES;
  }

  #found(): ResolvedNames {
    if (this.#resolved !== undefined) return this.#resolved;
    this.#resolved = this.index.resolve(this.#json);
    if (this.#resolved !== undefined) return this.#resolved;
    this.#json = compact(this.#json);
    this.#resolved = this.index.resolve(this.#json);
    if (this.#resolved !== undefined) return this.#resolved;
    throw new WireError('NodeNames holds a name with characters that no node has in its name');
  }
}

/** Quote, comma, quote. */
const BETWEEN_NAMES = 3;

/** The same list without what JSON allows between names. Throws WireError when it is no list of strings. */
function compact(json: Buffer): Buffer {
  const names = parsed(json.toString('utf8'));
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string'))
    throw new WireError('NodeNames is no list of names');
  return Buffer.from(JSON.stringify(names));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new WireError(`NodeNames is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
