// A simulated day of a busy cluster: apps of a tree of frameworks come and go, and after every turn of the allocator each framework's
// share is held against the fair one. Everything follows from the seed.
import { allocate } from '../../src/core/allocator/allocate.ts';
import type { Decision } from '../../src/core/allocator/decision.ts';
import type { Demand } from '../../src/core/allocator/demand.ts';
import { reclaim } from '../../src/core/fairness/reclaim.ts';
import { ClusterView } from '../../src/core/view/cluster-view.ts';
import { GI, NOW, demand, memberDemand, nodeFacts } from './core-builders.ts';
import { type DayKind, NODES, NODE_CPU } from './fair-day-kinds.ts';
import { type DayOutcome, TURN_SECONDS, Watch } from './fair-share-watch.ts';

export interface DayOptions {
  readonly arrivals: number;
  readonly seconds: number;
  readonly seed: number;
  readonly kind: DayKind;
}

/** Who arrives how often, how large its members are, and at which part of its own period it is busy. */
const HABITS = [
  { framework: 'web', rate: 3, cpu: 800, memory: 3 * GI, periods: 1 },
  { framework: 'search', rate: 3, cpu: 800, memory: 6 * GI, periods: 2 },
  { framework: 'batch', rate: 4, cpu: 1600, memory: 3 * GI, periods: 8 },
  { framework: 'lab', rate: 2, cpu: 400, memory: 3 * GI, periods: 24 },
  { framework: 'sure', rate: 2, cpu: 1600, memory: 6 * GI, periods: 5 },
] as const;

/** A member that runs, as an app of its own to the view: each leaves by itself. */
interface Running {
  readonly app: Demand['app'];
  readonly asked: Demand;
  readonly member: Demand['members'][number];
  readonly endsAt: number;
}

export function simulateDay({ arrivals, seconds, seed, kind }: DayOptions): DayOutcome {
  const random = randomFrom(seed);
  const coming = arrivalTimes(arrivals, seconds, random);
  const day = new Day(kind, random);
  const watch = new Watch(kind.tenants);
  let next = 0;
  for (let at = 0; at < seconds; at += TURN_SECONDS) {
    day.end(at);
    for (; next < coming.length && (coming[next] ?? 0) <= at; next += 1) {
      day.pending.push(arrival(next, at, { seconds, random, size: kind.size }));
    }
    day.turn(at);
    watch.look(day.view, day.pending);
  }
  return {
    arrivals: next,
    membersPlaced: day.membersPlaced,
    membersReclaimed: day.membersReclaimed,
    ...watch.outcome(),
  };
}

/** The cluster and its queue. */
class Day {
  readonly view = new ClusterView();
  readonly #kind: DayKind;
  readonly #random: () => number;
  readonly #running = new Map<string, Running>();
  pending: Demand[] = [];
  membersPlaced = 0;
  membersReclaimed = 0;
  #parts = 0;

  constructor(kind: DayKind, random: () => number) {
    this.#kind = kind;
    this.#random = random;
    for (let i = 0; i < NODES; i += 1) {
      this.view.setNode(nodeFacts(`n${i}`, { allocatable: { cpu: NODE_CPU, memory: `${NODE_CPU * 4}Gi`, pods: 500 } }));
    }
  }

  end(at: number): void {
    for (const [uid, { app, endsAt }] of this.#running) {
      if (endsAt > at) continue;
      this.view.forget(app);
      this.#running.delete(uid);
    }
  }

  turn(at: number): void {
    const byUid = new Map(this.pending.map((one) => [one.app.uid, one]));
    this.pending = [];
    for (const decision of allocate(this.view, this.#kind.tenants, [...byUid.values()], NOW + at)) {
      const asked = byUid.get(decision.app.uid);
      if (asked === undefined) continue;
      if (decision.kind === 'accept') this.#place(asked, decision.slots, at);
      else this.pending.push(asked);
    }
    if (this.#kind.reclaims) this.#reclaim(at);
  }

  #place(asked: Demand, slots: Extract<Decision, { readonly kind: 'accept' }>['slots'], at: number): void {
    const [shortest, longest] = this.#kind.stays;
    for (const slot of slots) {
      const app = { ...asked.app, uid: `${asked.app.uid} ${slot.member}` };
      this.view.assume(app, [slot], asked.framework);
      const member = asked.members.find((one) => one.member === slot.member);
      const endsAt = at + shortest + this.#random() * (longest - shortest);
      if (member !== undefined) this.#running.set(app.uid, { app, asked, member, endsAt });
    }
    this.membersPlaced += slots.length;
    const placed = new Set(slots.map(({ member }) => member));
    // What found no place goes on waiting by itself.
    this.#wait(
      asked,
      asked.members.filter(({ member }) => !placed.has(member)),
    );
  }

  #wait(asked: Demand, members: Demand['members']): void {
    if (members.length === 0) return;
    this.#parts += 1;
    this.pending.push({ ...asked, members, app: { ...asked.app, uid: `${asked.app.uid}.${this.#parts}` } });
  }

  /** What is freed is its claimant's at once. Of a framework for which nobody goes no other app is asked about. */
  #reclaim(at: number): void {
    const done = new Set<string>();
    const waiting = this.pending;
    this.pending = waiting.slice();
    for (const demand of waiting) {
      if (done.has(demand.framework)) continue;
      const found = reclaim(this.view, this.#kind.tenants, [demand], NOW + at);
      if (found === undefined) {
        done.add(demand.framework);
        continue;
      }
      for (const { app } of found.victims) {
        const one = this.#running.get(app.uid);
        if (one === undefined) continue;
        this.view.forget(one.app);
        this.#running.delete(app.uid);
        this.membersReclaimed += 1;
        this.#wait({ ...one.asked, pendingSinceSeconds: NOW + at }, [one.member]);
      }
      this.pending = this.pending.filter((one) => one !== demand);
      for (const { places } of found.earmarks) this.#place(demand, places, at);
    }
  }
}

function arrivalTimes(arrivals: number, seconds: number, random: () => number): readonly number[] {
  return Array.from({ length: arrivals }, () => random() * seconds).toSorted((a, b) => a - b);
}

function arrival(
  number: number,
  at: number,
  { seconds, random, size }: { readonly seconds: number; readonly random: () => number; readonly size: number },
): Demand {
  const busy = HABITS.map(({ rate, periods }) => rate * (1 + Math.sin((2 * Math.PI * periods * at) / seconds)) ** 2);
  let left = random() * busy.reduce((sum, weight) => sum + weight, 0);
  const found = HABITS.find((_, i) => (left -= busy[i] ?? 0) < 0) ?? HABITS[0];
  const name = `app-${number}`;
  const count = Math.max(1, Math.floor(size * (20 + Math.floor(random() * 150))));
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

/** Numerical Recipes' linear congruence: good enough, and the same everywhere. 0..1. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
