import type { ClusterView } from '../view/cluster-view.ts';
import { topologyValue } from './topology-key.ts';

/** Every node's value of a constraint key, by row: looked up once for all apps of a run. */
export class NodeValues {
  readonly #view: ClusterView;
  readonly #byKey = new Map<string, readonly (string | undefined)[]>();

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
}
