import type { NodeFacts } from '../facts/node-facts.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import { RuleBook } from './compiled-rules.ts';
import { NodeValues } from './node-values.ts';
import { PodRun } from './pod-placement.ts';
import { SuitabilityBook } from './suitability.ts';
import type { PlacementRun } from './surroundings.ts';

/** Sets of rules that are kept from one run to the next: each is a byte per node, and is looked at for every node that changes. */
const MAX_RULES = 1000;

/** What changed in between two runs. */
export interface EngineChanges {
  /** Rows of which something changed. Undefined: everything is to be looked at anew. */
  readonly rows: readonly number[] | undefined;
  /** Those of them of which more changed than what is free. */
  readonly facts: readonly number[];
}

/** What placing on one view needs, worked out when first asked. Good for as long as the view does not change; then it is to be renewed. */
export class PlacementEngine {
  readonly #view: ClusterView;
  #run: PlacementRun;
  #rules: RuleBook;
  #suitability: SuitabilityBook;
  #storage: number;
  /** By row, as they were looked at. */
  #facts: (NodeFacts | undefined)[];

  /** `now` is epoch seconds. */
  constructor(view: ClusterView, now: number) {
    this.#view = view;
    const values = new NodeValues(view);
    const scratch = view.scratch();
    this.#rules = new RuleBook(view, values);
    this.#run = { view, scratch, values, now, pods: new PodRun(view, values, scratch) };
    this.#suitability = new SuitabilityBook(view, scratch);
    this.#storage = view.storage.version;
    this.#facts = [...view.nodeTable.facts];
  }

  get run(): PlacementRun {
    return this.#run;
  }

  get rules(): RuleBook {
    return this.#rules;
  }

  get suitability(): SuitabilityBook {
    return this.#suitability;
  }

  /** For the next run: takes back what the last one placed, and looks again at what changed in the view. O(changes). */
  renew(now: number): EngineChanges {
    const { scratch, values } = this.#run;
    const rows = scratch.renew();
    if (rows === undefined || this.#rules.size > MAX_RULES) return this.#startAnew(now);
    const { facts } = this.#view.nodeTable;
    const changed = rows.filter((row) => facts[row] !== this.#facts[row]);
    for (const row of changed) this.#facts[row] = facts[row];
    if (changed.length > 0) {
      values.renew(changed);
      this.#rules.renew(changed);
    }
    this.#run = { ...this.#run, now };
    if (changed.length > 0 || this.#isSuitabilityOld()) this.#suitability = new SuitabilityBook(this.#view, scratch);
    this.#storage = this.#view.storage.version;
    return { rows, facts: changed };
  }

  /** What fits where may depend on volumes, and then on time; or catching up would cost more than finding out again. */
  #isSuitabilityOld(): boolean {
    const { changedRows, changedSegments } = this.#run.scratch;
    const isLong = changedRows.length + changedSegments.length > this.#view.nodeTable.rowCount / 4;
    if (isLong) this.#run.scratch.forgetChanges();
    return isLong || this.#storage !== this.#view.storage.version || this.#view.storage.failures.areAny;
  }

  #startAnew(now: number): EngineChanges {
    const fresh = new PlacementEngine(this.#view, now);
    this.#run = fresh.run;
    this.#rules = fresh.rules;
    this.#suitability = fresh.suitability;
    this.#storage = this.#view.storage.version;
    this.#facts = [...this.#view.nodeTable.facts];
    return { rows: undefined, facts: [] };
  }
}
