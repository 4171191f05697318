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

  /** Players `first` … `first + size − 1`; nobody plays yet. */
  constructor(first: number, size: number, beats: Beats) {
    this.#first = first;
    this.#size = size;
    this.#beats = beats;
    this.#tree = new Int32Array(Math.max(2, 2 * size)).fill(NOBODY);
  }

  /** The same as `set` for every player, at the cost of one comparison each. */
  setAll(isPlaying: (player: number) => boolean): void {
    for (let i = 0; i < this.#size; i += 1) {
      const player = this.#first + i;
      this.#tree[this.#size + i] = isPlaying(player) ? player : NOBODY;
    }
    for (let place = this.#size - 1; place >= 1; place -= 1) this.#tree[place] = this.#winnerBelow(place);
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
    for (place >>= 1; place >= 1; place >>= 1) {
      const winner = this.#winnerBelow(place);
      const isOfOthers = winner !== player && winner === this.#tree[place];
      this.#tree[place] = winner;
      if (isOfOthers) return;
    }
  }

  #winnerBelow(place: number): number {
    const left = this.#tree[2 * place] ?? NOBODY;
    const right = this.#tree[2 * place + 1] ?? NOBODY;
    if (left === NOBODY) return right;
    if (right === NOBODY) return left;
    return this.#beats(left, right) ? left : right;
  }
}
