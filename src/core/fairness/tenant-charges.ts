import type { Tenant } from '../allocator/decision.ts';
import type { Resources } from '../resources/resources.ts';
import { showAmount } from '../resources/show-amount.ts';
import { add } from '../resources/vector.ts';

/** The tenants with what each is charged; an inner node of the tree is charged what its descendants are. */
export class TenantCharges {
  readonly #tenants: ReadonlyMap<string, Tenant>;
  readonly #charged = new Map<string, Resources>();

  constructor(tenants: readonly Tenant[], charges: ReadonlyMap<string, Resources>) {
    this.#tenants = new Map(tenants.map((tenant) => [tenant.name, tenant]));
    for (const [name, charge] of charges) this.charge(name, charge);
  }

  tenant(name: string): Tenant | undefined {
    return this.#tenants.get(name);
  }

  charged(name: string): Resources {
    return this.#charged.get(name) ?? {};
  }

  charge(name: string, request: Resources): void {
    for (const tenant of this.#line(name)) this.#charged.set(tenant.name, add(this.charged(tenant.name), request));
  }

  /** Why the tenant may not have this: it or one above it would be over its limit, with numbers. Undefined: it may. */
  overLimit(name: string, request: Resources): string | undefined {
    for (const tenant of this.#line(name)) {
      const charged = this.charged(tenant.name);
      for (const resource of Object.keys(tenant.limit)) {
        const limit = tenant.limit[resource] ?? 0;
        const asked = request[resource] ?? 0;
        if (asked === 0 || (charged[resource] ?? 0) + asked <= limit) continue;
        const has = `${showAmount(resource, charged[resource] ?? 0)} of ${showAmount(resource, limit)}`;
        return `framework ${tenant.name} is at its limit of ${resource}: ${has} charged, ${showAmount(resource, asked)} more needed`;
      }
    }
    return undefined;
  }

  /** The tenant and those above it. A parent that is missing, or that comes round again, ends the line. */
  #line(name: string): readonly Tenant[] {
    const line: Tenant[] = [];
    let tenant = this.#tenants.get(name);
    while (tenant !== undefined && !line.includes(tenant)) {
      line.push(tenant);
      tenant = tenant.parent === undefined ? undefined : this.#tenants.get(tenant.parent);
    }
    return line;
  }
}
