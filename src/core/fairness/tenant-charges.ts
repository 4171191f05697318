import type { Tenant } from '../allocator/decision.ts';
import type { Resources } from '../resources/resources.ts';
import type { TenantProblem } from './tree-shape.ts';

/** What whoever serves demands asks of the tenants. TenantTree answers it. */
export interface TenantCharges {
  tenant(name: string): Tenant | undefined;
  /** Why apps may get nothing through this tenant, whatever is free: unknown, no leaf, or outside the tree. */
  problemOf(name: string): TenantProblem | undefined;
  /** Why the tenant may not have this: FrameworkLimit or FrameworkGuarantee, with numbers. Undefined: it may. */
  refusal(name: string, request: Resources): TenantProblem | undefined;
  /** The tenant and all above it are charged this more, and so much less is free. */
  charge(name: string, request: Resources): void;
  /** Takes a charge back. */
  uncharge(name: string, request: Resources): void;
}
