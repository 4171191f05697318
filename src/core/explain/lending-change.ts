import type { Tenant } from '../allocator/decision.ts';
import { capacityOf } from '../fairness/fair-resources.ts';
import { keepersOf } from '../fairness/refusal-words.ts';
import { TenantTree } from '../fairness/tenant-tree.ts';
import type { Resources } from '../resources/resources.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import type { Change } from './change.ts';

/**
 * How much more others must lend of what they are guaranteed, for what is asked for by framework to be left beside the rest. Those lend first
 * who keep most. Where even all of it is too little, nodes lack, too: that is found when this was tried.
 */
export function lendingChanges(
  asked: ReadonlyMap<string, Resources>,
  tenants: readonly Tenant[],
  view: ClusterView,
): readonly Change[] {
  const charges = view.charges();
  const tree = new TenantTree(tenants, charges, capacityOf(view, charges));
  const changes: Change[] = [];
  for (const [framework, request] of asked) {
    const number = tree.leafOf(framework);
    if (number === undefined) continue;
    const vector = tree.vectorOf(request);
    const withheld = tree.unlendable.withheld(number, vector);
    tree.chargeVector(number, vector);
    if (withheld === undefined) continue;
    const { column, free, needed } = withheld;
    let short = Math.min(needed, needed + withheld.asked - free);
    for (const keeper of keepersOf(tree, number, column)) {
      const amount = Math.min(short, tree.unlendable.needed(keeper, column));
      if (amount <= 0) break;
      short -= amount;
      changes.push({
        kind: 'lend',
        framework: tree.nameOf(keeper),
        resource: tree.columns.names[column] ?? '',
        amount,
      });
    }
  }
  return changes;
}
