import { RESOURCE_STORAGE_PREFIX } from '../../api/labels.ts';
import type { Resources } from '../resources/resources.ts';
import type { ClusterView } from '../view/cluster-view.ts';

/** Whether shares are taken of this resource: CPU, memory, devices, pool bytes. Pods and attach slots are checks only. */
function isFair(name: string): boolean {
  if (name === 'cpu' || name === 'memory' || name.startsWith(RESOURCE_STORAGE_PREFIX)) return true;
  return name.includes('/') && !name.includes('proffer.dev/');
}

/** How much of each resource there is for shares: allocatable of all nodes, and what each limited pool ever holds. */
export function fairTotals(view: ClusterView): Resources {
  const totals: Record<string, number> = {};
  const { columns, stride, allocatable, facts } = view.nodeTable;
  for (const [row, node] of facts.entries()) {
    if (node === undefined) continue;
    for (let column = 0; column < Math.min(stride, columns.count); column += 1) {
      const amount = allocatable[row * stride + column] ?? 0;
      if (amount > 0) totals[columns.name(column)] = (totals[columns.name(column)] ?? 0) + amount;
    }
  }
  for (const pool of view.storage.facts.pools.keys()) {
    const total = view.storage.capacity.totalBytes(view.storage.facts.classOfPool(pool) ?? '');
    // Of what there is none at all, nobody can have a share.
    if (total !== undefined && total > 0) totals[`${RESOURCE_STORAGE_PREFIX}${pool}`] = total;
  }
  return Object.fromEntries(Object.entries(totals).filter(([name]) => isFair(name)));
}

/** The largest share of any resource, 0..1 and more: Ghodsi et al., Dominant Resource Fairness, NSDI'11. */
export function dominantShare(charged: Resources, totals: Resources): number {
  let share = 0;
  for (const name of Object.keys(totals)) share = Math.max(share, (charged[name] ?? 0) / (totals[name] ?? 1));
  return share;
}
