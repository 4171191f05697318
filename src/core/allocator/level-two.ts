import type { MemberNeed } from '../placement/member-need.ts';
import type { PlacedMember } from '../placement/place-gang.ts';
import type { PlacementRun } from '../placement/surroundings.ts';
import type { Resources } from '../resources/resources.ts';
import type { Decline } from './decision.ts';
import type { Demand } from './demand.ts';

/**
 * What one node could give one framework, as it was at `generation`. It locks nothing: many may hold offers of the same room, and
 * whoever accepts after something changed there gets OfferStale. So nobody can hoard, and who never answers costs the others nothing.
 */
export interface Offer {
  readonly node: string;
  readonly generation: number;
  readonly framework: string;
  readonly free: Resources;
}

/** The offers to one framework. Each is made when it is looked at: all pairs of framework and node are never there at once. */
export class Offers {
  readonly framework: string;
  readonly run: PlacementRun;

  constructor(framework: string, run: PlacementRun) {
    this.framework = framework;
    this.run = run;
  }

  /** What the node could give now; undefined for a node that is not known. */
  of(node: string): Offer | undefined {
    const { nodeTable } = this.run.view;
    const row = nodeTable.rowOf(node);
    if (row === undefined || nodeTable.facts[row] === undefined) return undefined;
    const free: Record<string, number> = {};
    for (const [column, name] of nodeTable.columns.names.entries()) {
      const amount = this.run.scratch.freeAt(row, column);
      if (amount > 0) free[name] = amount;
    }
    return { node, generation: nodeTable.generations[row] ?? 0, framework: this.framework, free };
  }

  *all(): IterableIterator<Offer> {
    for (const node of this.run.view.nodeTable.facts) {
      const offer = node === undefined ? undefined : this.of(node.name);
      if (offer !== undefined) yield offer;
    }
  }
}

/** The members of one app that wait for places, and what its framework is offered for them. */
export interface Pending {
  readonly demand: Demand;
  /** Those that its framework's limits leave room for, by ordinal; of these at least `minMembers` must get a place. */
  readonly needs: readonly MemberNeed[];
  readonly minMembers: number;
  readonly offers: Offers;
}

/** Why offers were declined: the app and the member that stood in the way, and how many members fitted beside it. */
export interface Refused {
  readonly kind: 'decline';
  /** Its place among the apps that were asked. */
  readonly app: number;
  readonly member: string;
  readonly beside: number;
  readonly decline: Decline;
}

/** One list of places for each app that was asked, in that order; or why not. */
export type Answer = { readonly kind: 'accept'; readonly placed: readonly (readonly PlacedMember[])[] } | Refused;

/**
 * Who decides which offers a framework accepts. It is asked about one app, or about all apps of a gang at once, and accepts for all of
 * them or for none. What it accepts is on the scratch of the offers when it returns; the caller takes back what a decline left there.
 */
export interface LevelTwo {
  answer(pending: readonly Pending[]): Answer;
}
