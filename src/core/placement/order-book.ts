import type { ClusterView } from '../view/cluster-view.ts';
import type { Scratch } from '../view/scratch.ts';
import type { CompiledRules } from './compiled-rules.ts';
import { NodeOrder } from './node-order.ts';
import type { NodeJudge } from './node-judge.ts';
import type { NodeValues } from './node-values.ts';
import { OrderedChoice, canBeOrdered, groupKeys } from './ordered-choice.ts';

/** An order costs as much as looking at all nodes a few times: it is made for what is asked more often. */
const ASKED_BEFORE = 3;

/** Beyond so many groups of nodes an order saves nothing. */
const MAX_GROUPS = 1000;

/** What all orders together may hold, so that many kinds of members cannot fill the memory: 24 bytes each. */
const MAX_ROWS = 4_000_000;

/** For which members an order is good. */
export interface OrderFor {
  readonly rules: CompiledRules;
  /** Empty: for members of any shape, since no policy looks at the node alone. */
  readonly shape: string;
  /** The keys whose values decide (see decidingKeys). */
  readonly deciding: readonly string[];
}

interface Entry {
  asked: number;
  choice: OrderedChoice | undefined;
  rowsSeen: number;
  segmentsSeen: number;
}

/** The orders of nodes in use, each kept up from where it was when it was last asked. */
export class OrderBook {
  readonly #view: ClusterView;
  readonly #scratch: Scratch;
  readonly #entries = new Map<CompiledRules, Map<string, Entry>>();
  #rows = 0;

  constructor(view: ClusterView, scratch: Scratch) {
    this.#view = view;
    this.#scratch = scratch;
  }

  /** Undefined: no order is kept, look at every node. */
  choice(wanted: OrderFor, values: NodeValues, question: NodeJudge): OrderedChoice | undefined {
    const entry = this.#entry(wanted);
    entry.asked += 1;
    if (entry.choice !== undefined) this.#catchUp(entry, wanted, question);
    else if (entry.asked > ASKED_BEFORE) this.#make(entry, wanted, values, question);
    return entry.choice;
  }

  #entry({ rules, shape }: OrderFor): Entry {
    const ofRules = this.#entries.get(rules) ?? new Map<string, Entry>();
    this.#entries.set(rules, ofRules);
    const known = ofRules.get(shape) ?? { asked: 0, choice: undefined, rowsSeen: 0, segmentsSeen: 0 };
    ofRules.set(shape, known);
    return known;
  }

  #make(entry: Entry, { rules, shape, deciding }: OrderFor, values: NodeValues, question: NodeJudge): void {
    entry.asked = 0;
    const eligible = rules.eligible();
    if (this.#rows + eligible.length > MAX_ROWS || !canBeOrdered(deciding, values)) return;
    const order = new NodeOrder({
      rows: rules.eligibleByName(),
      rowCount: this.#view.nodeTable.rowCount,
      values: groupKeys(deciding).map((key) => values.of(key)),
      estimate: question,
    });
    if (order.groups.length > MAX_GROUPS) {
      entry.asked = Number.NEGATIVE_INFINITY;
      return;
    }
    this.#rows += eligible.length;
    entry.choice = new OrderedChoice(order, deciding, shape !== '');
    entry.rowsSeen = this.#scratch.changedRows.length;
    entry.segmentsSeen = this.#scratch.changedSegments.length;
  }

  #catchUp(entry: Entry, { shape }: OrderFor, question: NodeJudge): void {
    const { changedRows, changedSegments } = this.#scratch;
    for (; entry.rowsSeen < changedRows.length; entry.rowsSeen += 1) {
      entry.choice?.renew(changedRows[entry.rowsSeen] ?? 0, question);
    }
    // How nodes are liked by members of any shape has nothing to do with what is left in a segment.
    if (shape === '') return;
    for (; entry.segmentsSeen < changedSegments.length; entry.segmentsSeen += 1) {
      const segment = changedSegments[entry.segmentsSeen];
      for (const row of segment?.index.rowsOf(segment.signature) ?? []) entry.choice?.renew(row, question);
    }
  }
}
