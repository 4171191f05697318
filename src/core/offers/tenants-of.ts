import type { Framework } from '../../api/framework.ts';
import type { Tenant } from '../allocator/decision.ts';
import { withDefaultFramework } from '../fairness/default-framework.ts';
import { parseResourceList } from '../resources/resource-list.ts';

/** The tree of tenants behind these Frameworks and the default one. Throws on a malformed quantity, which the CRD does not let through. */
export function tenantsOf(frameworks: Iterable<Framework>): readonly Tenant[] {
  return withDefaultFramework([...frameworks]).map(({ metadata, spec }) => ({
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
