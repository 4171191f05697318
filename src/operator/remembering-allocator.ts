import type { Framework } from '../api/framework.ts';
import { AllocatorMemory } from '../core/allocator/allocator-memory.ts';
import type { Decision, Tenant } from '../core/allocator/decision.ts';
import type { Demand } from '../core/allocator/demand.ts';
import { tenantsOf } from '../core/offers/tenants-of.ts';
import type { ClusterView } from '../core/view/cluster-view.ts';
import type { Store } from '../kube/store.ts';

/** The allocator over one view, for one turn after another: what one turn found out, the next need not find again. `now` is epoch seconds. */
export function rememberingAllocator(
  view: ClusterView,
  frameworks: Store<Framework>,
): (demands: readonly Demand[], now: number) => readonly Decision[] {
  const memory = new AllocatorMemory(view);
  // The same array until a framework changes: so the memory sees that none did.
  let tenants: readonly Tenant[] | undefined;
  frameworks.onChange(() => {
    tenants = undefined;
  });
  return (demands, now) => {
    tenants ??= tenantsOf(frameworks.list());
    return memory.allocate(tenants, demands, now);
  };
}
