import { unknownRoom, type NodeRoom } from '../core/admission/admission-world.ts';
import type { Candidates } from '../core/admission/candidates.ts';
import type { RoomIndex } from './room-index.ts';
import { WireError } from './wire-error.ts';

/**
 * The names of a request, still as JSON. Most requests are for a member with a slot, and need nothing but to find one name among the
 * bytes: 5,000 names as strings cost half a millisecond, looked up another one.
 */
export class ListedCandidates implements Candidates {
  readonly #json: Buffer;
  readonly #index: RoomIndex;
  #names: readonly string[] | undefined;

  /** @param json a list of strings, brackets included. */
  constructor(json: Buffer, index: RoomIndex) {
    this.#json = json;
    this.#index = index;
  }

  has(node: string): boolean {
    return this.#json.includes(`"${node}"`);
  }

  /** Throws WireError when it is no list of node names. */
  names(): readonly string[] {
    this.#names ??= namesIn(this.#json);
    return this.#names;
  }

  /** Throws WireError when it is no list of node names. */
  rooms(): readonly NodeRoom[] {
    const found = this.#index.resolve(this.#json);
    return found ?? this.names().map((name) => this.#index.get(name) ?? unknownRoom(name));
  }
}

function namesIn(json: Buffer): readonly string[] {
  const text = json.toString('utf8');
  const names = parsed(text);
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string'))
    throw new WireError('NodeNames is no list of names');
  // Answers write names as they are.
  if (text.includes('\\')) throw new WireError('NodeNames holds a name with characters that no node has in its name');
  return names;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new WireError(`NodeNames is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
