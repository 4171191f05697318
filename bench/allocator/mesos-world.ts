import type { Tenant } from '../../src/core/allocator/decision.ts';
import type { Demand, PlacementRules } from '../../src/core/allocator/demand.ts';
import type { NodeFacts } from '../../src/core/facts/node-facts.ts';
import { parseResourceList } from '../../src/core/resources/resource-list.ts';
import { ClusterView } from '../../src/core/view/cluster-view.ts';

/** A moment, epoch seconds. */
export const NOW = 1_800_000_000;

const ZONES = ['a', 'b', 'c'];

/** Uniform nodes of 24 CPU and 4 GiB of memory, the agents of Mesos's benchmark, in three zones. */
export function uniformNode(index: number): NodeFacts {
  const name = `node-${String(index).padStart(6, '0')}`;
  return {
    name,
    uid: `uid-${name}`,
    labels: { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': ZONES[index % ZONES.length] ?? '' },
    taints: [],
    unschedulable: false,
    ready: true,
    allocatable: NODE_ALLOCATABLE,
  };
}

const NODE_ALLOCATABLE = parseResourceList({ cpu: '24', memory: '4Gi', pods: 110 });

/** What one task asks for: a whole node, since a Mesos offer is a whole agent. */
export const WHOLE_NODE = parseResourceList({ cpu: '24', memory: '4Gi', pods: 1 });

export function uniformView(nodes: number): ClusterView {
  const view = new ClusterView();
  for (let index = 0; index < nodes; index += 1) view.setNode(uniformNode(index));
  return view;
}

export function equalTenants(count: number): readonly Tenant[] {
  return Array.from({ length: count }, (_, index) => ({
    name: frameworkName(index),
    parent: undefined,
    weight: 1,
    guarantee: {},
    lendingLimit: {},
    limit: {},
    revocable: false,
    starvationSeconds: 300,
  }));
}

const NO_RULES: PlacementRules = {
  constraints: [],
  policies: [],
  nodeSelector: {},
  nodeAffinityTerms: undefined,
  tolerations: [],
};

/** One task of a framework: an app of one member. */
export function task(framework: number, index: number, rest: Partial<Demand> = {}): Demand {
  const name = `task-${framework}-${index}`;
  return {
    app: { namespace: frameworkName(framework), name, uid: `uid-${name}` },
    framework: frameworkName(framework),
    priority: 0,
    pendingSinceSeconds: NOW - 60,
    members: [{ member: `${name}-0`, ordinal: 0, requests: WHOLE_NODE, volumes: [], previousNode: '' }],
    minMembers: 1,
    // Every app has rules of its own, equal though they are.
    rules: { ...NO_RULES },
    placed: [],
    ...rest,
  };
}

function frameworkName(index: number): string {
  return `framework-${index}`;
}
