/** Who may be served next: its tenant's share once it is served, then its own claim to come first. Compared from left to right. */
export interface Turn<Item> {
  readonly share: number;
  readonly priority: number;
  readonly pendingSinceSeconds: number;
  readonly name: string;
  readonly item: Item;
}

/**
 * The tenants that wait, lowest turn first: a binary heap, since after a turn only the tenant that had it has another share.
 */
export class TurnOrder<Item> {
  readonly #heap: Turn<Item>[] = [];

  add(turn: Turn<Item>): void {
    const heap = this.#heap;
    let place = heap.length;
    heap.push(turn);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(turn, above)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = turn;
  }

  next(): Item | undefined {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) return undefined;
    if (this.#heap.length > 0) this.#sink(last);
    return first.item;
  }

  #sink(turn: Turn<Item>): void {
    const heap = this.#heap;
    let place = 0;
    for (;;) {
      const left = heap[2 * place + 1];
      const right = heap[2 * place + 2];
      const goRight = left !== undefined && right !== undefined && isBefore(right, left);
      const child = goRight ? right : left;
      if (child === undefined || !isBefore(child, turn)) break;
      heap[place] = child;
      place = 2 * place + (goRight ? 2 : 1);
    }
    heap[place] = turn;
  }
}

function isBefore<Item>(a: Turn<Item>, b: Turn<Item>): boolean {
  if (a.share !== b.share) return a.share < b.share;
  if (a.priority !== b.priority) return a.priority > b.priority;
  if (a.pendingSinceSeconds !== b.pendingSinceSeconds) return a.pendingSinceSeconds < b.pendingSinceSeconds;
  return a.name < b.name;
}
