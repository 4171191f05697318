import type { Demand } from '../allocator/demand.ts';
import type { DemandUnit } from '../allocator/gang-units.ts';
import type { Resources } from '../resources/resources.ts';
import { type Portion, portionOf, restOf } from './portion.ts';
import type { TenantTree } from './tenant-tree.ts';
import { TurnTree } from './turn-tree.ts';

/** A unit that waits, and what breaks ties between it and others. */
interface Waiting {
  readonly unit: DemandUnit;
  readonly name: string;
}

export interface TurnOptions {
  readonly chargeOf: (unit: DemandUnit) => Resources;
  readonly isStarving: (unit: DemandUnit) => boolean;
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
  readonly #turns: TurnTree;
  readonly #options: TurnOptions;
  /** By number of the leaf, the first to be served last in the array. */
  readonly #queues = new Map<number, Waiting[]>();
  /** By number of the leaf: what of its first unit is served in its next turn. */
  readonly #portions = new Map<number, Portion>();

  constructor(tree: TenantTree, units: readonly DemandUnit[], options: TurnOptions) {
    this.#tree = tree;
    this.#turns = new TurnTree(tree);
    this.#options = options;
    const withoutTurn: Waiting[] = [];
    for (const unit of units) {
      const { framework } = unit.lead;
      const leaf = tree.problemOf(framework) === undefined ? tree.numberOf(framework) : undefined;
      const queue = leaf === undefined ? withoutTurn : this.#queueOf(leaf);
      queue.push({ unit, name: nameOf(unit.lead) });
    }
    this.withoutTurn = withoutTurn.toSorted(servedLater).map(({ unit }) => unit);
    for (const [leaf, queue] of this.#queues) {
      if (queue.length > 1) queue.sort(servedLater);
      this.#claim(leaf);
    }
  }

  /**
   * Serves the unit whose turn it is, or a portion of it; what `serve` charges to its leaf counts from the next turn on. It answers where
   * members were placed: then the rest of the unit has another turn. False: nobody waits.
   */
  take(serve: (unit: DemandUnit, leaf: number) => Demand['placed'] | undefined): boolean {
    const leaf = this.#turns.next();
    if (leaf === undefined) return false;
    const queue = this.#queueOf(leaf);
    const portion = this.#portions.get(leaf);
    const first = queue.pop();
    if (first === undefined || portion === undefined) return false;
    const placed = serve(portion.now, leaf);
    const rest = placed === undefined ? undefined : restOf(portion, placed);
    if (rest !== undefined) queue.push({ ...first, unit: rest });
    this.#claim(leaf);
    for (const { framework } of portion.now.demands) this.#claimAgain(framework, leaf);
    return true;
  }

  /** A gang over several frameworks was charged to others too. */
  #claimAgain(framework: string, except: number): void {
    const leaf = this.#tree.numberOf(framework);
    if (leaf !== undefined && leaf !== except) this.#turns.set(leaf, this.#turns.claimOf(leaf));
  }

  #claim(leaf: number): void {
    const unit = this.#queues.get(leaf)?.at(-1)?.unit;
    if (unit === undefined) {
      this.#turns.set(leaf, undefined);
      return;
    }
    const portion = portionOf(this.#tree, unit);
    this.#portions.set(leaf, portion);
    const { priority, pendingSinceSeconds, app } = unit.lead;
    const request = this.#tree.vectorOf(this.#options.chargeOf(portion.now));
    if (this.#options.isStarving(unit))
      for (const [column, amount] of request.entries()) request[column] = amount * NEXT_TO_NOTHING;
    this.#turns.set(leaf, { request, priority, pendingSinceSeconds, uid: app.uid });
  }

  #queueOf(leaf: number): Waiting[] {
    const known = this.#queues.get(leaf);
    if (known !== undefined) return known;
    const made: Waiting[] = [];
    this.#queues.set(leaf, made);
    return made;
  }
}

function servedLater(a: Waiting, b: Waiting): number {
  const [left, right] = [a.unit.lead, b.unit.lead];
  if (left.priority !== right.priority) return left.priority - right.priority;
  const since = right.pendingSinceSeconds - left.pendingSinceSeconds;
  if (since !== 0) return since;
  return a.name < b.name ? 1 : -1;
}

function nameOf({ app }: Demand): string {
  return `${app.namespace}/${app.name}/${app.uid}`;
}
