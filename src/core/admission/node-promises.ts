import type { Resources } from '../resources/resources.ts';

/** What pods that were let through may be about to use, by node. Kept where requests look: see RoomColumns. */
export interface Promises {
  /** Adds what one pod asks for on each node that it may land on, or takes it away again. */
  promise(nodes: readonly string[], requests: Resources, change: 'promised' | 'released'): void;
  promised(node: string, resource: string): number;
}

/** Promises by name, for whoever has no columns. */
export class NodePromises implements Promises {
  readonly #sums = new Map<string, Map<string, number>>();

  promise(nodes: readonly string[], requests: Resources, change: 'promised' | 'released'): void {
    for (const node of nodes) {
      const sums = this.#sums.get(node) ?? new Map<string, number>();
      this.#sums.set(node, sums);
      for (const [resource, amount] of Object.entries(requests)) {
        sums.set(resource, (sums.get(resource) ?? 0) + (change === 'promised' ? amount : -amount));
      }
    }
  }

  promised(node: string, resource: string): number {
    return this.#sums.get(node)?.get(resource) ?? 0;
  }
}
