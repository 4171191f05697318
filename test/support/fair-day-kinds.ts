// What the simulated days are made of; see fair-day.ts.
import type { Tenant } from '../../src/core/allocator/decision.ts';
import { amounts, tenant } from './core-builders.ts';

/** Large beside the members, so that what is lost between them is little: the fair shares take the cluster as one. */
export const NODES = 10;
export const NODE_CPU = 64;

/** What makes one day another. */
export interface DayKind {
  readonly tenants: readonly Tenant[];
  /** How long a member stays, seconds: from the one to the other. */
  readonly stays: readonly [shortest: number, longest: number];
  /** How many apps arrive for one of the plain day: where members stay for long, few fill the cluster. */
  readonly size: number;
  /** Whether members of revocable frameworks go for what others are guaranteed. Each app makes one go a turn at most, as in the operator. */
  readonly reclaims: boolean;
}

const CPU_TOTAL = NODES * NODE_CPU;

const DAY_TENANTS: readonly Tenant[] = [
  tenant('shop', { weight: 2 }),
  tenant('web', { parent: 'shop' }),
  tenant('search', { parent: 'shop', weight: 2 }),
  tenant('batch'),
  tenant('lab', { limit: amounts({ cpu: CPU_TOTAL / 4 }) }),
  tenant('sure', {
    guarantee: amounts({ cpu: CPU_TOTAL / 5, memory: `${(CPU_TOTAL / 5) * 4}Gi` }),
    lendingLimit: amounts({ cpu: CPU_TOTAL / 10, memory: `${(CPU_TOTAL / 10) * 4}Gi` }),
  }),
];

/**
 * Nobody is evicted, and nobody stays for longer than a minute: so who is below its fair share for longer was passed over while there was
 * room.
 */
export const SHORT_STAYS: DayKind = { tenants: DAY_TENANTS, stays: [10, 60], size: 1, reclaims: false };

const part = (of: number) => amounts({ cpu: CPU_TOTAL * of, memory: `${Math.floor(CPU_TOTAL * of * 4)}Gi` });
const lent = (name: string, of: number, given: Partial<Tenant> = {}) =>
  tenant(name, { guarantee: part(of), revocable: true, ...given });

/**
 * Members stay for half an hour to two hours, a hundred times as long, and everybody is guaranteed its weight's part of the cluster, lends all of
 * it, and is revocable: what is lent comes back by reclaim.
 */
export const LONG_STAYS: DayKind = {
  tenants: [
    tenant('shop', { weight: 2 }),
    lent('web', 2 / 15, { parent: 'shop' }),
    lent('search', 4 / 15, { parent: 'shop', weight: 2 }),
    lent('batch', 1 / 5),
    lent('lab', 1 / 5, { limit: amounts({ cpu: CPU_TOTAL / 4 }) }),
    lent('sure', 1 / 5),
  ],
  stays: [1_800, 7_200],
  size: 1 / 100,
  reclaims: true,
};
