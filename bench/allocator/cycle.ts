import { allocate } from '../../src/core/allocator/allocate.ts';
import type { Decision, Tenant } from '../../src/core/allocator/decision.ts';
import type { Demand } from '../../src/core/allocator/demand.ts';
import type { ClusterView } from '../../src/core/view/cluster-view.ts';
import { NOW, equalTenants, task, uniformView } from './mesos-world.ts';

export interface Cluster {
  readonly nodes: number;
  readonly frameworks: number;
}

export interface CycleWorld {
  readonly view: ClusterView;
  readonly tenants: readonly Tenant[];
  readonly demands: readonly Demand[];
}

/**
 * One full allocation cycle in the manner of Mesos's hierarchical allocator benchmarks (apache/mesos,
 * src/tests/hierarchical_allocator_benchmarks.cpp and HierarchicalAllocator_BENCHMARK_Test in hierarchical_allocator_tests.cpp):
 * uniform empty nodes (24 CPU, 4 GiB) and equal frameworks of weight 1, every one of which has more tasks pending than its share of the
 * nodes. There is one turn of the fair order per task, as there is one allocation per agent in Mesos, which offers whole agents: a task
 * asks for all CPU and memory of a node. Each framework has one task more than fits, so that the cycle goes on until nothing more fits,
 * and all that is left is declined with its explanation.
 *
 * What a Mesos cycle did: it took every agent, gave all of it to the framework whose turn it was, and told the framework of it. Whether
 * anything fits there, the framework found out itself, later. Ours places the task: it picks the best of all nodes by the rules of
 * the app, and answers a slot or why there is none.
 */
export function cycleWorld({ nodes, frameworks }: Cluster): CycleWorld {
  const perFramework = Math.ceil(nodes / frameworks) + 1;
  const demands: Demand[] = [];
  for (let index = 0; index < perFramework; index += 1) {
    for (let framework = 0; framework < frameworks; framework += 1) demands.push(task(framework, index));
  }
  return { view: uniformView(nodes), tenants: equalTenants(frameworks), demands };
}

/** Seconds of one cycle. Throws when it did not fill the cluster. */
export function timeCycle({ view, tenants, demands }: CycleWorld): number {
  const started = performance.now();
  const decisions = allocate(view, tenants, demands, NOW);
  const seconds = (performance.now() - started) / 1000;
  const placed = countAccepted(decisions);
  if (placed !== Math.min(view.nodeCount, demands.length) || decisions.length !== demands.length) {
    throw new Error(`${placed} of ${view.nodeCount} nodes were filled by ${decisions.length} decisions`);
  }
  return seconds;
}

function countAccepted(decisions: readonly Decision[]): number {
  return decisions.filter(({ kind }) => kind === 'accept').length;
}
