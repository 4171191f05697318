import { allocate } from '../../src/core/allocator/allocate.ts';
import { AllocatorMemory } from '../../src/core/allocator/allocator-memory.ts';
import type { Decision } from '../../src/core/allocator/decision.ts';
import type { Demand, MemberDemand } from '../../src/core/allocator/demand.ts';
import { parseResourceList } from '../../src/core/resources/resource-list.ts';
import type { Resources } from '../../src/core/resources/resources.ts';
import { fits } from '../../src/core/resources/vector.ts';
import type { ClusterView } from '../../src/core/view/cluster-view.ts';
import { NOW, equalTenants, task, uniformView } from './mesos-world.ts';
import { stranger } from './waiting-world.ts';

const MEMBERS = 5;

/** 5,000 nodes in three zones, each with another pod of 1 to 7 CPU. */
export function gangView(nodes: number): ClusterView {
  const view = uniformView(nodes);
  for (let index = 0; index < nodes; index += 1) view.setPod(stranger(index, 1 + (index % 7)));
  return view;
}

/** Five members, each on a host of its own and evenly over the zones, all or none. */
export function gang(cpus: number): Demand {
  const members = Array.from({ length: MEMBERS }, (_, ordinal): MemberDemand => ({
    member: `gang-${ordinal}`,
    ordinal,
    requests: parseResourceList({ cpu: cpus, memory: '1Gi', pods: 1 }),
    volumes: [],
    previousNode: '',
  }));
  const one = task(0, 0, { members, minMembers: MEMBERS });
  const constraints = [
    { key: '@hostname', operator: 'Unique' },
    { key: '@zone', operator: 'GroupBy' },
  ] as const;
  return { ...one, rules: { ...one.rules, constraints } };
}

/** Asks as a running operator does: the allocator has served others before, and knows the nodes; of this demand it knows nothing. */
export class GangTimer {
  readonly #memory: AllocatorMemory;
  readonly #tenants = equalTenants(1);

  constructor(view: ClusterView) {
    this.#memory = new AllocatorMemory(view);
  }

  /** Milliseconds of one run with this demand alone. Throws when the answer is not as expected. */
  time(demand: Demand, expected: Decision['kind']): number {
    const started = performance.now();
    const [decision] = this.#memory.allocate(this.#tenants, [demand], NOW);
    const milliseconds = performance.now() - started;
    if (decision?.kind !== expected) throw new Error(`the gang got ${JSON.stringify(decision).slice(0, 500)}`);
    return milliseconds;
  }
}

/** The same with everything worked out anew, as after the start of the operator. */
export function timeGangAnew(view: ClusterView, demand: Demand): number {
  const started = performance.now();
  allocate(view, equalTenants(1), [demand], NOW);
  return performance.now() - started;
}

/**
 * The same as plain as it can be written: for each member every node's free amounts as a record, a host and a zone that is not used more
 * than others, the most free CPU; counts per reason for a refusal. Milliseconds.
 */
export function timePlainGang(view: ClusterView, demand: Demand): number {
  const started = performance.now();
  const search = new PlainSearch(view);
  for (const { requests } of demand.members) if (!search.place(requests)) break;
  return performance.now() - started;
}

class PlainSearch {
  readonly #view: ClusterView;
  readonly #taken = new Set<string>();
  readonly #perZone = new Map<string, number>();
  readonly #refused = new Map<string, number>();

  constructor(view: ClusterView) {
    this.#view = view;
  }

  place(requests: Resources): boolean {
    const fewest = Math.min(...['a', 'b', 'c'].map((zone) => this.#inZone(zone)));
    let best: { readonly name: string; readonly zone: string; readonly cpu: number } | undefined;
    for (const node of this.#view.nodes()) {
      const zone = node.labels['topology.kubernetes.io/zone'] ?? '';
      const free = this.#view.free(node.name);
      const reasons = fits(requests, free).map((resource) => `Insufficient ${resource}`);
      if (this.#taken.has(node.name)) reasons.push('Unique');
      if (this.#inZone(zone) > fewest) reasons.push('GroupBy');
      this.#count(reasons);
      const cpu = free['cpu'] ?? 0;
      if (reasons.length === 0 && cpu > (best?.cpu ?? -1)) best = { name: node.name, zone, cpu };
    }
    if (best === undefined) return false;
    this.#taken.add(best.name);
    this.#perZone.set(best.zone, this.#inZone(best.zone) + 1);
    return true;
  }

  #inZone(zone: string): number {
    return this.#perZone.get(zone) ?? 0;
  }

  #count(reasons: readonly string[]): void {
    for (const reason of reasons) this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }
}
