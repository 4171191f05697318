import type { CapacityFacts } from '../facts/storage-facts.ts';
import type { NodeTable } from './node-table.ts';
import type { TopologyIndex } from './topology-index.ts';

/** Notes that something about volumes changed, and on which nodes it matters. */
export class StorageChanges {
  readonly #nodes: NodeTable;
  readonly #topology: TopologyIndex;
  #version = 0;

  constructor(nodes: NodeTable, topology: TopologyIndex) {
    this.#nodes = nodes;
    this.#topology = topology;
  }

  /** Rises with every change of anything about volumes, on whatever node it matters. */
  get version(): number {
    return this.#version;
  }

  note(): void {
    this.#version += 1;
  }

  touch(node: string): void {
    const row = this.#nodes.rowOf(node);
    if (row !== undefined) this.#nodes.touch(row);
  }

  touchAll(): void {
    for (const [row, facts] of this.#nodes.facts.entries()) if (facts !== undefined) this.#nodes.touch(row);
  }

  /** Nodes of the topology segment that something was published for. */
  touchSegment({ nodeLabels }: CapacityFacts): void {
    if (nodeLabels === undefined) return;
    const index = this.#topology.index(Object.keys(nodeLabels).toSorted());
    for (const row of index.rowsOf(index.signature(nodeLabels) ?? '')) this.#nodes.touch(row);
  }
}
