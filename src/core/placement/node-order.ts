import { Tournament } from './tournament.ts';

/** What the nodes are ordered by. */
export interface OrderedBy {
  /** Rows of the nodes that may be chosen, by name. */
  readonly rows: Int32Array;
  /** Rows there are, chosen or not. */
  readonly rowCount: number;
  /** Nodes with equal values are one group. One array by row per key. */
  readonly values: readonly (readonly (string | undefined)[])[];
  readonly estimate: Estimate;
}

/** What a node is worth by itself. */
export interface Estimate {
  /** How much the node alone is liked, an integer; higher is better. */
  liked(row: number): number;
  /** How empty the node is, an integer: of nodes that are liked alike the emptiest goes first, then the first by name. */
  room(row: number): number;
}

/** Nodes with equal values of the keys that matter: what depends on these values is asked once for all of them. */
export interface NodeGroup {
  readonly values: readonly (string | undefined)[];
  readonly nodes: Tournament;
}

/** The node refuses, until it changes. */
const OUT = 1;
/** Somebody looks at the node on its own for now. */
const AWAY = 2;

/** Nodes in the order in which they are liked, in groups: the first of each is known without looking at the others. */
export class NodeOrder {
  readonly groups: readonly NodeGroup[];
  /** By place: the groups one after another, each with its rows by name. */
  readonly #rows: Int32Array;
  readonly #liked: Float64Array;
  readonly #room: Float64Array;
  readonly #state: Uint8Array;
  readonly #groupAt: Int32Array;
  /** By row; −1: not one of these nodes. */
  readonly #placeOf: Int32Array;

  constructor(by: OrderedBy) {
    const size = by.rows.length;
    this.#rows = new Int32Array(size);
    this.#liked = new Float64Array(size);
    this.#room = new Float64Array(size);
    this.#state = new Uint8Array(size);
    this.#groupAt = new Int32Array(size);
    this.#placeOf = new Int32Array(by.rowCount).fill(-1);
    let first = 0;
    this.groups = grouped(by).map(({ values, rows }, group) => {
      for (let i = 0; i < rows.length; i += 1) this.#seat(first + i, rows[i] ?? 0, group, by.estimate);
      const nodes = new Tournament(first, rows.length, this.#beats);
      nodes.setAll(() => true);
      first += rows.length;
      return { values, nodes };
    });
  }

  /** The node of a place; the winner of a group is a place. */
  rowAt(place: number): number {
    return this.#rows[place] ?? 0;
  }

  likedAt(place: number): number {
    return this.#liked[place] ?? 0;
  }

  roomAt(place: number): number {
    return this.#room[place] ?? 0;
  }

  has(row: number): boolean {
    return (this.#placeOf[row] ?? -1) >= 0;
  }

  /** The node changed: it may admit again, and be liked more or less. */
  renew(row: number, estimate: Estimate): void {
    const place = this.#placeOf[row] ?? -1;
    if (place < 0) return;
    this.#liked[place] = estimate.liked(row);
    this.#room[place] = estimate.room(row);
    this.#setState(place, (this.#state[place] ?? 0) & ~OUT);
  }

  /** Leaves the node out until it changes. */
  leaveOut(row: number): void {
    const place = this.#placeOf[row] ?? -1;
    if (place >= 0) this.#setState(place, (this.#state[place] ?? 0) | OUT);
  }

  /** Leaves the node out until it is brought back. */
  setAside(row: number): void {
    const place = this.#placeOf[row] ?? -1;
    if (place >= 0) this.#setState(place, (this.#state[place] ?? 0) | AWAY);
  }

  bringBack(row: number): void {
    const place = this.#placeOf[row] ?? -1;
    if (place >= 0) this.#setState(place, (this.#state[place] ?? 0) & ~AWAY);
  }

  #seat(place: number, row: number, group: number, estimate: Estimate): void {
    this.#rows[place] = row;
    this.#placeOf[row] = place;
    this.#groupAt[place] = group;
    this.#liked[place] = estimate.liked(row);
    this.#room[place] = estimate.room(row);
  }

  #setState(place: number, state: number): void {
    this.#state[place] = state;
    this.groups[this.#groupAt[place] ?? 0]?.nodes.set(place, state === 0);
  }

  readonly #beats = (left: number, right: number): boolean => {
    const liked = (this.#liked[left] ?? 0) - (this.#liked[right] ?? 0);
    if (liked !== 0) return liked > 0;
    const room = (this.#room[left] ?? 0) - (this.#room[right] ?? 0);
    return room === 0 ? left < right : room > 0;
  };
}

/** The rows by their values of the keys; the order by name stays within each group. */
function grouped({
  rows,
  values,
}: OrderedBy): readonly { readonly values: readonly (string | undefined)[]; readonly rows: readonly number[] }[] {
  const groups = new Map<string, { values: readonly (string | undefined)[]; rows: number[] }>();
  for (const row of rows) {
    let signature = '';
    for (const ofKey of values) signature += `${ofKey[row] ?? NO_VALUE}\n`;
    const group = groups.get(signature);
    if (group === undefined) groups.set(signature, { values: values.map((ofKey) => ofKey[row]), rows: [row] });
    else group.rows.push(row);
  }
  return [...groups.values()];
}

/** No label value has this form. */
const NO_VALUE = '\0';
