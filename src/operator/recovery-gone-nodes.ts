import type { NodeFacts } from '../core/facts/node-facts.ts';
import type { Clock } from '../kube/clock.ts';
import type { Store } from '../kube/store.ts';

interface Gone {
  /** Undefined: nobody here ever saw it. */
  readonly last: NodeFacts | undefined;
  /** Monotonic seconds. */
  readonly since: number;
}

/** Nodes whose object is gone: what it said last, and for how long it has been missing. */
export class GoneNodes {
  readonly #gone = new Map<string, Gone>();
  /** UID of the last object of each name. */
  readonly #uids = new Map<string, string>();
  readonly #nodes: Store<NodeFacts>;
  readonly #clock: Pick<Clock, 'monotonicSeconds'>;

  /** `onNew`: an object of that name is there again, and it is another one. */
  constructor(nodes: Store<NodeFacts>, clock: Pick<Clock, 'monotonicSeconds'>, onNew: (name: string) => void) {
    this.#nodes = nodes;
    this.#clock = clock;
    nodes.onChange((name, next, previous) => {
      if (next === undefined) {
        this.#gone.set(name, { last: previous, since: clock.monotonicSeconds() });
        return;
      }
      this.#gone.delete(name);
      const isNew = (this.#uids.get(name) ?? next.uid) !== next.uid;
      this.#uids.set(name, next.uid);
      if (isNew) onNew(name);
    });
  }

  /** Undefined also for a node that is there. */
  last(name: string): NodeFacts | undefined {
    return this.#gone.get(name)?.last;
  }

  /** Of a node that nobody here ever saw the time runs from the first question on; 0 for one that is there. */
  missingSeconds(name: string): number {
    if (this.#nodes.has(name)) return 0;
    const now = this.#clock.monotonicSeconds();
    const gone = this.#gone.get(name) ?? { last: undefined, since: now };
    this.#gone.set(name, gone);
    return now - gone.since;
  }

  names(): readonly string[] {
    return [...this.#gone.keys()];
  }

  /** Nothing of ours names it any more. */
  forget(name: string): void {
    this.#gone.delete(name);
    this.#uids.delete(name);
  }
}
