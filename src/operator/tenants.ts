import type { Framework } from '../api/framework.ts';
import type { Tenant } from '../core/allocator/decision.ts';
import { parseResourceList } from '../core/resources/resource-list.ts';

/** The tree of tenants, as the allocator wants it. Throws on a malformed quantity, which the CRD does not let through. */
export function tenantsOf(frameworks: readonly Framework[]): readonly Tenant[] {
  return frameworks.map(({ metadata, spec }) => ({
    name: metadata.name,
    parent: spec.parent,
    weight: spec.weight,
    guarantee: parseResourceList(spec.guarantee),
    lendingLimit: parseResourceList(spec.lendingLimit),
    limit: parseResourceList(spec.limit),
    revocable: spec.revocable,
    starvationSeconds: spec.starvationSeconds,
  }));
}
