import { RESOURCE_STORAGE_PREFIX } from '../../api/labels.ts';
import type { Resources } from '../resources/resources.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import type { Capacity } from './tenant-tree.ts';

/** Whether shares are taken of this resource: CPU, memory, devices, pool bytes. Pods and attach slots are checks only. */
function isFair(name: string): boolean {
  if (name === 'cpu' || name === 'memory' || name.startsWith(RESOURCE_STORAGE_PREFIX)) return true;
  return name.includes('/') && !name.includes('proffer.dev/');
}

/** How much of each resource there is for shares: allocatable of all nodes, and what each limited pool ever holds. */
export function fairTotals(view: ClusterView): Resources {
  return capacityOf(view).totals;
}

/**
 * What the cluster has for tenants: the totals, and what nobody has of them: room on nodes that are ready and take pods, and pool bytes
 * that no framework is charged. `charges` are those of the view, by framework.
 */
export function capacityOf(view: ClusterView, charges: ReadonlyMap<string, Resources> = view.charges()): Capacity {
  const totals: Record<string, number> = {};
  const free: Record<string, number> = {};
  const { names } = view.nodeTable.columns;
  for (const [column, sum] of columnSums(view).entries()) {
    const name = names[column] ?? '';
    // Of what there is none at all, nobody can have a share.
    if (sum.total <= 0 || !isFair(name)) continue;
    totals[name] = sum.total;
    free[name] = sum.free;
  }
  for (const pool of view.storage.facts.pools.keys()) {
    const total = view.storage.capacity.totalBytes(view.storage.facts.classOfPool(pool) ?? '');
    if (total === undefined || total <= 0) continue;
    const name = `${RESOURCE_STORAGE_PREFIX}${pool}`;
    let charged = 0;
    for (const charge of charges.values()) charged += charge[name] ?? 0;
    totals[name] = total;
    free[name] = Math.max(0, total - charged);
  }
  return { totals, free };
}

function columnSums(view: ClusterView): readonly { readonly total: number; readonly free: number }[] {
  const { columns, stride, allocatable, used, facts } = view.nodeTable;
  const width = Math.min(columns.count, stride);
  const totals = new Float64Array(width);
  const free = new Float64Array(width);
  for (let row = 0; row < facts.length; row += 1) {
    const node = facts[row];
    if (node === undefined) continue;
    const takesPods = node.ready && !node.unschedulable;
    for (let column = 0; column < width; column += 1) {
      const has = allocatable[row * stride + column] ?? 0;
      totals[column] = (totals[column] ?? 0) + has;
      const left = has - (used[row * stride + column] ?? 0);
      if (takesPods && left > 0) free[column] = (free[column] ?? 0) + left;
    }
  }
  return Array.from(totals, (total, column) => ({ total, free: free[column] ?? 0 }));
}

/** The largest share of any resource, 0..1 and more: Ghodsi et al., Dominant Resource Fairness, NSDI'11. */
export function dominantShare(charged: Resources, totals: Resources): number {
  let share = 0;
  for (const name of Object.keys(totals)) share = Math.max(share, (charged[name] ?? 0) / (totals[name] ?? 1));
  return share;
}
