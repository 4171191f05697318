import type { ClusterView } from '../view/cluster-view.ts';
import type { Scratch } from '../view/scratch.ts';
import type { CompiledRules } from './compiled-rules.ts';
import type { MemberNeed } from './member-need.ts';
import { OrderBook } from './order-book.ts';
import type { Liking } from './policies/policy.ts';
import { volumesFit } from './stages/volumes-fit.ts';
import type { Surroundings } from './surroundings.ts';

const UNKNOWN = 0;
const FITS = 1;
const REFUSES = 2;

/**
 * For members of one shape: which nodes their volumes fit on, and how much the policies that look at the node alone like it. Found out
 * when first asked, kept until something is placed on or taken from the node, so that five hundred equal members cost five hundred
 * changes, not five hundred scans of all volumes.
 */
export class Suitability {
  readonly #scratch: Scratch;
  readonly #volumes: Uint8Array;
  /** NaN: unknown. */
  readonly #scores: Float64Array;
  #rowsSeen: number;
  #segmentsSeen: number;

  constructor(view: ClusterView, scratch: Scratch) {
    this.#scratch = scratch;
    this.#volumes = new Uint8Array(view.nodeTable.rowCount);
    this.#scores = new Float64Array(view.nodeTable.rowCount).fill(Number.NaN);
    this.#rowsSeen = scratch.changedRows.length;
    this.#segmentsSeen = scratch.changedSegments.length;
  }

  /** Forgets what changed since. To be called before a round of questions. */
  refresh(): void {
    const { changedRows, changedSegments } = this.#scratch;
    for (; this.#rowsSeen < changedRows.length; this.#rowsSeen += 1) this.#forget(changedRows[this.#rowsSeen] ?? 0);
    for (; this.#segmentsSeen < changedSegments.length; this.#segmentsSeen += 1) {
      const segment = changedSegments[this.#segmentsSeen];
      for (const row of segment?.index.rowsOf(segment.signature) ?? []) this.#forget(row);
    }
  }

  /** Whether all volumes of the member, one of this shape, fit. */
  volumesFit({ run }: Surroundings, need: MemberNeed, row: number): boolean {
    let known = this.#volumes[row] ?? UNKNOWN;
    if (known === UNKNOWN) {
      const node = run.view.nodeTable.facts[row];
      known = node !== undefined && volumesFit({ ...run, node, row }, need) ? FITS : REFUSES;
      this.#volumes[row] = known;
    }
    return known === FITS;
  }

  /** What `liking` says of the node: the sum of policies that look at the node alone, the same for all members of the shape. */
  score(row: number, liking: Liking): number {
    const known = this.#scores[row] ?? Number.NaN;
    if (!Number.isNaN(known)) return known;
    const score = liking(row);
    this.#scores[row] = score;
    return score;
  }

  #forget(row: number): void {
    this.#volumes[row] = UNKNOWN;
    this.#scores[row] = Number.NaN;
  }
}

/** One Suitability per rules and shape. Members that have something already are like no other, and get one of their own. */
export class SuitabilityBook {
  readonly orders: OrderBook;
  readonly #view: ClusterView;
  readonly #scratch: Scratch;
  readonly #byRules = new Map<CompiledRules, Map<string, Suitability>>();

  constructor(view: ClusterView, scratch: Scratch) {
    this.#view = view;
    this.#scratch = scratch;
    this.orders = new OrderBook(view, scratch);
  }

  of(rules: CompiledRules, need: MemberNeed): Suitability {
    const byShape = this.#byRules.get(rules) ?? new Map<string, Suitability>();
    this.#byRules.set(rules, byShape);
    const key = need.isFresh ? need.shape : `${need.id.appUid}/${need.id.member}\n${need.shape}`;
    const known = byShape.get(key) ?? new Suitability(this.#view, this.#scratch);
    byShape.set(key, known);
    known.refresh();
    return known;
  }
}
