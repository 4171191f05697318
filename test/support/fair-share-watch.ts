import type { Tenant } from '../../src/core/allocator/decision.ts';
import type { Demand } from '../../src/core/allocator/demand.ts';
import { frameworkShares } from '../../src/core/fairness/framework-shares.ts';
import type { Resources } from '../../src/core/resources/resources.ts';
import type { ClusterView } from '../../src/core/view/cluster-view.ts';

/** Between two turns of the allocator, seconds. */
export const TURN_SECONDS = 5;
/** Below this part of its fair share a framework that waits is wronged. */
const FAIR_ENOUGH = 0.95;

export interface DayOutcome {
  readonly arrivals: number;
  readonly membersPlaced: number;
  readonly membersReclaimed: number;
  /** Part of the turns after which somebody waited. */
  readonly contended: number;
  /** The longest that a framework with pending demand was more than 5 % below its fair share without a break, and who that was. */
  readonly longestSeconds: number;
  readonly longestOf: string;
  /** Mean over all frameworks that waited, and turns: by how much of the cluster they were below their fair share. */
  readonly meanShortfall: number;
  readonly worstShortfall: number;
  /** By framework: seconds that it was more than 5 % below, and seconds that it waited. */
  readonly byFramework: Readonly<Record<string, { readonly below: number; readonly waited: number }>>;
}

/** Holds what frameworks have against what they should have, after each turn. */
export class Watch {
  readonly #tenants: readonly Tenant[];
  readonly #belowSince = new Map<string, number>();
  readonly #byFramework: Record<string, { below: number; waited: number }> = {};
  #longestSeconds = 0;
  #longestOf = '';
  #shortfall = 0;
  #worst = 0;
  #samples = 0;
  #turns = 0;
  #contended = 0;

  constructor(tenants: readonly Tenant[]) {
    this.#tenants = tenants;
  }

  look(view: ClusterView, pending: readonly Demand[]): void {
    this.#turns += 1;
    const charges = view.charges();
    const allowed = pending.filter((one) => !isAtLimit(one, this.#tenants, charges.get(one.framework) ?? {}));
    const waiting = new Set(allowed.map(({ framework }) => framework));
    for (const name of this.#belowSince.keys()) if (!waiting.has(name)) this.#belowSince.delete(name);
    if (waiting.size === 0) return;
    this.#contended += 1;
    for (const { name, share, fairShare } of frameworkShares(view, this.#tenants, pending)) {
      if (waiting.has(name)) this.#note(name, share, fairShare);
    }
  }

  #note(name: string, share: number, fairShare: number): void {
    const short = Math.max(0, fairShare - share);
    this.#samples += 1;
    this.#shortfall += short;
    this.#worst = Math.max(this.#worst, short);
    const sum = (this.#byFramework[name] ??= { below: 0, waited: 0 });
    sum.waited += TURN_SECONDS;
    if (share >= FAIR_ENOUGH * fairShare) {
      this.#belowSince.delete(name);
      return;
    }
    sum.below += TURN_SECONDS;
    const lasting = (this.#belowSince.get(name) ?? 0) + TURN_SECONDS;
    this.#belowSince.set(name, lasting);
    if (lasting <= this.#longestSeconds) return;
    this.#longestSeconds = lasting;
    this.#longestOf = name;
  }

  outcome(): Omit<DayOutcome, 'arrivals' | 'membersPlaced' | 'membersReclaimed'> {
    return {
      contended: this.#contended / this.#turns,
      longestSeconds: this.#longestSeconds,
      longestOf: this.#longestOf,
      meanShortfall: this.#samples === 0 ? 0 : this.#shortfall / this.#samples,
      worstShortfall: this.#worst,
      byFramework: this.#byFramework,
    };
  }
}

/** Who is held back by its own limit is not wronged. */
function isAtLimit({ framework, members }: Demand, tenants: readonly Tenant[], charged: Resources): boolean {
  const { limit = {} } = tenants.find(({ name }) => name === framework) ?? {};
  const requests = members[0]?.requests ?? {};
  return Object.keys(limit).some((name) => (charged[name] ?? 0) + (requests[name] ?? 0) > (limit[name] ?? 0));
}
