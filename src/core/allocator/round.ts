import { DemandTurns } from '../fairness/demand-turns.ts';
import { isStarving } from '../fairness/earmarks.ts';
import { capacityOf } from '../fairness/fair-resources.ts';
import { TenantTree } from '../fairness/tenant-tree.ts';
import type { Resources } from '../resources/resources.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import type { Tenant } from './decision.ts';
import type { Demand } from './demand.ts';
import { unitRequest } from './demand-charge.ts';
import { type DemandUnit, demandUnits } from './gang-units.ts';

/** All that wait, before anybody was served: the tenants as they are charged now, and the order of turns. */
export class Round {
  readonly tree: TenantTree;
  readonly turns: DemandTurns;
  /** Those that have waited too long. */
  readonly starving: readonly DemandUnit[];
  readonly #charges: ReadonlyMap<string, Resources>;

  /** `now` is epoch seconds. */
  constructor(view: ClusterView, tenants: readonly Tenant[], demands: readonly Demand[], now: number) {
    this.#charges = view.charges();
    const tree = new TenantTree(tenants, this.#charges, capacityOf(view, this.#charges));
    const units = demandUnits(demands);
    this.tree = tree;
    this.starving = units.filter(({ lead }) => isStarving(tree, lead, now));
    const mayStarve = this.starving.length > 0;
    this.turns = new DemandTurns(tree, units, {
      requestOf: (unit) => unitRequest(view, tree.columns, unit),
      isStarving: ({ lead }) => mayStarve && isStarving(tree, lead, now),
    });
  }

  /**
   * As before the first turn, with what is free now. To be called when nobody was given anything, and charges are as they were.
   * `hasOtherNodes`: something is known of nodes that was not, so that the totals may be others. False: they are, and with them all
   * shares, so that a new round is needed.
   */
  restart(view: ClusterView, hasOtherNodes: boolean): boolean {
    const isCapacityOld = hasOtherNodes || !this.tree.unlendable.isEmpty;
    if (isCapacityOld && !this.tree.renew(capacityOf(view, this.#charges))) return false;
    this.turns.restart();
    return true;
  }
}
