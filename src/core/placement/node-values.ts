import type { ClusterView } from '../view/cluster-view.ts';
import { topologyValue } from './topology-key.ts';

/** Every node's value of a constraint key, by row: looked up once for all apps of a run. */
export class NodeValues {
  readonly #view: ClusterView;
  readonly #byKey = new Map<string, (string | undefined)[]>();
  readonly #rowOf = new Map<string, RowOf | undefined>();

  constructor(view: ClusterView) {
    this.#view = view;
  }

  of(key: string): readonly (string | undefined)[] {
    let values = this.#byKey.get(key);
    if (values === undefined) {
      values = this.#view.nodeTable.facts.map((node) => (node === undefined ? undefined : topologyValue(node, key)));
      this.#byKey.set(key, values);
    }
    return values;
  }

  /** The nodes of these rows are others, or have other labels. */
  renew(rows: readonly number[]): void {
    const { facts } = this.#view.nodeTable;
    for (const [key, values] of this.#byKey) {
      for (const row of rows) {
        const node = facts[row];
        values[row] = node === undefined ? undefined : topologyValue(node, key);
      }
    }
    this.#rowOf.clear();
  }

  /** Finds the node of a value, where no two nodes have the same; undefined when two have. */
  rowsBy(key: string): RowOf | undefined {
    if (!this.#rowOf.has(key)) {
      const { nodeTable } = this.#view;
      const values = this.of(key);
      // Nearly always the hostname is the node's name, which has its row already.
      const isName = values.every((value, row) => value === undefined || value === nodeTable.names[row]);
      this.#rowOf.set(key, isName ? (value) => nodeTable.rowOf(value) : rowsByValue(values));
    }
    return this.#rowOf.get(key);
  }
}

export type RowOf = (value: string) => number | undefined;

function rowsByValue(values: readonly (string | undefined)[]): RowOf | undefined {
  const rows = new Map<string, number>();
  let known = 0;
  for (const [row, value] of values.entries()) {
    if (value === undefined) continue;
    rows.set(value, row);
    known += 1;
  }
  return rows.size === known ? (value) => rows.get(value) : undefined;
}
