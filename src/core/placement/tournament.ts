/** Whether the left player goes before the right one. */
export type Beats = (left: number, right: number) => boolean;

const NOBODY = -1;

/** The best of many players by number, kept up while they come, go and change: log2 comparisons a change, none to ask. */
export class Tournament {
  readonly #first: number;
  readonly #size: number;
  readonly #beats: Beats;
  /** A heap-shaped tree: leaves from `size` on, the winner of the two below at each place, the winner of all at 1. */
  readonly #tree: Int32Array;

  /** Players `first` … `first + size − 1`, all of them in. */
  constructor(first: number, size: number, beats: Beats) {
    this.#first = first;
    this.#size = size;
    this.#beats = beats;
    this.#tree = new Int32Array(Math.max(2, 2 * size)).fill(NOBODY);
    for (let i = 0; i < size; i += 1) this.#tree[size + i] = first + i;
    for (let place = size - 1; place >= 1; place -= 1) this.#tree[place] = this.#winnerBelow(place);
  }

  /** Undefined: nobody plays. */
  get winner(): number | undefined {
    const winner = this.#tree[1] ?? NOBODY;
    return winner === NOBODY ? undefined : winner;
  }

  /** To be called, too, when what is compared of a player has changed. */
  set(player: number, isPlaying: boolean): void {
    let place = this.#size + player - this.#first;
    this.#tree[place] = isPlaying ? player : NOBODY;
    for (place >>= 1; place >= 1; place >>= 1) this.#tree[place] = this.#winnerBelow(place);
  }

  #winnerBelow(place: number): number {
    const left = this.#tree[2 * place] ?? NOBODY;
    const right = this.#tree[2 * place + 1] ?? NOBODY;
    if (left === NOBODY) return right;
    if (right === NOBODY) return left;
    return this.#beats(left, right) ? left : right;
  }
}
