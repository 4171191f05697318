import type { AppRef, Demand } from '../allocator/demand.ts';
import type { DemandUnit } from '../allocator/gang-units.ts';
import { type Portion, portionOf, restOf } from './portion.ts';
import type { TenantTree } from './tenant-tree.ts';
import { type Claim, TurnTree } from './turn-tree.ts';

/** The first unit of a leaf, and what of it is served in the leaf's next turn. */
interface Head extends Claim {
  readonly portion: Portion;
  /** See Turn. */
  readonly isPart: boolean;
}

export interface TurnOptions {
  /** What serving the unit would add to its leaf, by column of the tree. */
  readonly requestOf: (unit: DemandUnit) => Float64Array;
  readonly isStarving: (unit: DemandUnit) => boolean;
}

/** One turn: what is served, and the number of the leaf that it is charged to. */
export interface Turn {
  readonly unit: DemandUnit;
  readonly leaf: number;
  /** Its app had, or will have, other turns. */
  readonly isPart: boolean;
  /** Once this is placed, the rest of its app has another turn. */
  readonly hasRest: boolean;
}

/**
 * Of a unit that starves: its tenant stands where it stands without it, or a large gang would for ever come after whoever wants little.
 * Not quite nothing, so that it still counts as requested.
 */
const NEXT_TO_NOTHING = 1e-9;

/**
 * All units of demands, one turn at a time: the tree says which leaf is next, the units of a leaf go by priority, then waiting time,
 * then name. A unit's leaf is the framework of its lead.
 */
export class DemandTurns {
  /** Their framework is no leaf of the tree, so that they have no turn; by name. */
  readonly withoutTurn: readonly DemandUnit[];
  readonly #tree: TenantTree;
  readonly #turns: TurnTree<Head>;
  readonly #options: TurnOptions;
  /** By number of the leaf, the first to be served first. */
  readonly #queues: (DemandUnit[] | undefined)[];
  /** By number of the leaf: how many of its queue had their turn, or are first now. */
  readonly #called: Int32Array;
  /** By number of the leaf, before any turn. */
  readonly #firstHeads: readonly (Head | undefined)[];

  constructor(tree: TenantTree, units: readonly DemandUnit[], options: TurnOptions) {
    const rows = tree.shape.parents.length;
    this.#tree = tree;
    this.#turns = new TurnTree(tree);
    this.#options = options;
    this.#queues = Array.from({ length: rows }, () => undefined);
    this.#called = new Int32Array(rows);
    const withoutTurn: DemandUnit[] = [];
    for (const unit of units) {
      const leaf = tree.leafOf(unit.lead.framework);
      const queue = leaf === undefined ? withoutTurn : (this.#queues[leaf] ??= []);
      queue.push(unit);
    }
    this.withoutTurn = withoutTurn.toSorted(servedEarlier);
    for (const queue of this.#queues) if (queue !== undefined && queue.length > 1) queue.sort(servedEarlier);
    this.#firstHeads = this.#queues.map((queue) => headOf(tree, options, queue?.[0]));
    this.restart();
  }

  /** As before the first turn. The tree is to be charged as it was then. */
  restart(): void {
    this.#called.fill(1);
    this.#turns.setAll(this.#firstHeads);
  }

  /**
   * Serves the unit whose turn it is, or a portion of it; what `serve` charges to its leaf counts from the next turn on. It answers where
   * members were placed: then the rest of the unit has another turn. False: nobody waits.
   */
  take(serve: (turn: Turn) => Demand['placed'] | undefined): boolean {
    const leaf = this.#turns.next();
    const head = leaf === undefined ? undefined : this.#turns.claimOf(leaf);
    if (leaf === undefined || head === undefined) return false;
    const { portion, isPart } = head;
    const placed = serve({ unit: portion.now, leaf, isPart, hasRest: portion.rest.length > 0 });
    const rest = placed === undefined ? undefined : restOf(portion, placed);
    this.#turns.set(leaf, rest === undefined ? this.#next(leaf) : headOf(this.#tree, this.#options, rest, true));
    const { demands } = portion.now;
    if (demands.length > 1) for (const { framework } of demands) this.#claimAgain(framework, leaf);
    return true;
  }

  #next(leaf: number): Head | undefined {
    const place = this.#called[leaf] ?? 0;
    this.#called[leaf] = place + 1;
    return headOf(this.#tree, this.#options, this.#queues[leaf]?.[place]);
  }

  /** A gang over several frameworks was charged to others too. */
  #claimAgain(framework: string, except: number): void {
    const leaf = this.#tree.numberOf(framework);
    if (leaf !== undefined && leaf !== except) this.#turns.set(leaf, this.#turns.claimOf(leaf));
  }
}

/** `isRest`: a portion of the unit was served before. */
function headOf(
  tree: TenantTree,
  { requestOf, isStarving }: TurnOptions,
  unit: DemandUnit | undefined,
  isRest = false,
): Head | undefined {
  if (unit === undefined) return undefined;
  const portion = portionOf(tree, unit);
  const { priority, pendingSinceSeconds, app } = unit.lead;
  const asked = requestOf(portion.now);
  const request = isStarving(unit) ? asked.map((amount) => amount * NEXT_TO_NOTHING) : asked;
  const isPart = isRest || portion.rest.length > 0;
  return { request, priority, pendingSinceSeconds, uid: app.uid, portion, isPart };
}

function servedEarlier({ lead: a }: DemandUnit, { lead: b }: DemandUnit): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  if (a.pendingSinceSeconds !== b.pendingSinceSeconds) return a.pendingSinceSeconds - b.pendingSinceSeconds;
  return byName(a.app, b.app);
}

function byName(a: AppRef, b: AppRef): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.uid < b.uid ? -1 : 1;
}
