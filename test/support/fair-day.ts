// A simulated day of a busy cluster: apps of a tree of frameworks come and go, and after every turn of the allocator each framework's
// share is held against the fair one. Everything follows from the seed.
import { allocate } from '../../src/core/allocator/allocate.ts';
import type { Tenant } from '../../src/core/allocator/decision.ts';
import type { Demand } from '../../src/core/allocator/demand.ts';
import { frameworkShares } from '../../src/core/fairness/framework-shares.ts';
import type { Resources } from '../../src/core/resources/resources.ts';
import { ClusterView } from '../../src/core/view/cluster-view.ts';
import { GI, NOW, amounts, demand, memberDemand, nodeFacts, tenant } from './core-builders.ts';

/** Between two turns of the allocator, seconds. */
const TURN_SECONDS = 5;
/** Large beside the members, so that what is lost between them is little: the fair shares take the cluster as one. */
const NODES = 10;
const NODE_CPU = 64;

/**
 * How long a member stays. Nobody is evicted, and nobody stays for longer than a minute: so who is below its fair share for longer was
 * passed over while there was room.
 */
const SHORTEST_SECONDS = 10;
const LONGEST_SECONDS = 60;

/** Below this part of its fair share a framework that waits is wronged. */
const FAIR_ENOUGH = 0.95;

export interface DayOptions {
  readonly arrivals: number;
  readonly seconds: number;
  readonly seed: number;
}

export interface DayOutcome {
  readonly arrivals: number;
  readonly membersPlaced: number;
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

const CPU_TOTAL = NODES * NODE_CPU;

export const DAY_TENANTS: readonly Tenant[] = [
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

/** Who arrives how often, how large its members are, and at which part of its own period it is busy. */
const HABITS = [
  { framework: 'web', rate: 3, cpu: 800, memory: 3 * GI, periods: 1 },
  { framework: 'search', rate: 3, cpu: 800, memory: 6 * GI, periods: 2 },
  { framework: 'batch', rate: 4, cpu: 1600, memory: 3 * GI, periods: 8 },
  { framework: 'lab', rate: 2, cpu: 400, memory: 3 * GI, periods: 24 },
  { framework: 'sure', rate: 2, cpu: 1600, memory: 6 * GI, periods: 5 },
] as const;

interface Ending {
  readonly at: number;
  readonly app: Demand['app'];
}

export function simulateDay({ arrivals, seconds, seed }: DayOptions): DayOutcome {
  const random = randomFrom(seed);
  const view = new ClusterView();
  for (let i = 0; i < NODES; i += 1) {
    view.setNode(nodeFacts(`n${i}`, { allocatable: { cpu: NODE_CPU, memory: `${NODE_CPU * 4}Gi`, pods: 500 } }));
  }
  const coming = arrivalTimes(arrivals, seconds, random);
  const watch = new Watch();
  let pending: Demand[] = [];
  let endings: Ending[] = [];
  let next = 0;
  let membersPlaced = 0;
  let parts = 0;
  for (let at = 0; at < seconds; at += TURN_SECONDS) {
    for (const { app } of endings.filter((ending) => ending.at <= at)) view.forget(app);
    endings = endings.filter((ending) => ending.at > at);
    for (; next < coming.length && (coming[next] ?? 0) <= at; next += 1) {
      pending.push(arrival(next, at, seconds, random));
    }
    const byUid = new Map(pending.map((one) => [one.app.uid, one]));
    pending = [];
    for (const decision of allocate(view, DAY_TENANTS, [...byUid.values()], NOW + at)) {
      const asked = byUid.get(decision.app.uid);
      if (asked === undefined) continue;
      if (decision.kind === 'decline') {
        pending.push(asked);
        continue;
      }
      for (const slot of decision.slots) {
        // Each member leaves by itself, so each is an app of its own to the view.
        const app = { ...asked.app, uid: `${asked.app.uid} ${slot.member}` };
        view.assume(app, [slot], asked.framework);
        endings.push({ at: at + SHORTEST_SECONDS + random() * (LONGEST_SECONDS - SHORTEST_SECONDS), app });
      }
      membersPlaced += decision.slots.length;
      const placed = new Set(decision.slots.map(({ member }) => member));
      const members = asked.members.filter(({ member }) => !placed.has(member));
      parts += 1;
      // What found no place goes on waiting by itself.
      if (members.length > 0)
        pending.push({ ...asked, members, app: { ...asked.app, uid: `${asked.app.uid}.${parts}` } });
    }
    watch.look(view, pending);
  }
  return { arrivals: next, membersPlaced, ...watch.outcome() };
}

function arrivalTimes(arrivals: number, seconds: number, random: () => number): readonly number[] {
  return Array.from({ length: arrivals }, () => random() * seconds).toSorted((a, b) => a - b);
}

function arrival(number: number, at: number, seconds: number, random: () => number): Demand {
  const busy = HABITS.map(({ rate, periods }) => rate * (1 + Math.sin((2 * Math.PI * periods * at) / seconds)) ** 2);
  let left = random() * busy.reduce((sum, weight) => sum + weight, 0);
  const found = HABITS.find((_, i) => (left -= busy[i] ?? 0) < 0) ?? HABITS[0];
  const name = `app-${number}`;
  const count = 20 + Math.floor(random() * 150);
  const requests = {
    cpu: `${Math.round(found.cpu * (0.5 + random()))}m`,
    memory: Math.round(found.memory * (0.5 + random())),
  };
  return demand(name, {
    framework: found.framework,
    members: Array.from({ length: count }, (_, i) => memberDemand(name, i, { requests })),
    minMembers: 1,
    pendingSinceSeconds: NOW + at,
  });
}

/** Holds what frameworks have against what they should have, after each turn. */
class Watch {
  readonly #belowSince = new Map<string, number>();
  readonly #byFramework: Record<string, { below: number; waited: number }> = {};
  #longestSeconds = 0;
  #longestOf = '';
  #shortfall = 0;
  #worst = 0;
  #samples = 0;
  #turns = 0;
  #contended = 0;

  look(view: ClusterView, pending: readonly Demand[]): void {
    this.#turns += 1;
    const charges = view.charges();
    const allowed = pending.filter((one) => !isAtLimit(one, charges.get(one.framework) ?? {}));
    const waiting = new Set(allowed.map(({ framework }) => framework));
    for (const name of this.#belowSince.keys()) if (!waiting.has(name)) this.#belowSince.delete(name);
    if (waiting.size === 0) return;
    this.#contended += 1;
    for (const { name, share, fairShare } of frameworkShares(view, DAY_TENANTS, pending)) {
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

  outcome(): Omit<DayOutcome, 'arrivals' | 'membersPlaced'> {
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
function isAtLimit({ framework, members }: Demand, charged: Resources): boolean {
  const { limit = {} } = DAY_TENANTS.find(({ name }) => name === framework) ?? {};
  const requests = members[0]?.requests ?? {};
  return Object.keys(limit).some((name) => (charged[name] ?? 0) + (requests[name] ?? 0) > (limit[name] ?? 0));
}

/** Numerical Recipes' linear congruence: good enough, and the same everywhere. 0..1. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
