import type { Tenant } from '../allocator/decision.ts';
import type { FairColumns } from './fair-columns.ts';
import type { TenantProblem } from './tree-shape.ts';

/** What whoever serves demands asks of the tenants. TenantTree answers it. Requests are by column; tenants have numbers from 1. */
export interface TenantCharges {
  readonly columns: FairColumns;
  tenant(name: string): Tenant | undefined;
  /** The number of a tenant that apps may be charged to. Undefined: problemOf says why there is none. */
  leafOf(name: string): number | undefined;
  /** Why apps may get nothing through this tenant, whatever is free: unknown, no leaf, or outside the tree. */
  problemOf(name: string): TenantProblem | undefined;
  /** Why the tenant may not have this: FrameworkLimit or FrameworkGuarantee, with numbers. Undefined: it may. */
  refusalOf(number: number, request: Float64Array): TenantProblem | undefined;
  /** The tenant and all above it are charged this more, and so much less is free. */
  chargeVector(number: number, request: Float64Array): void;
}
