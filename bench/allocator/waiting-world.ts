import type { PodFacts } from '../../src/core/facts/pod-facts.ts';
import { parseResourceList } from '../../src/core/resources/resource-list.ts';
import type { CycleWorld } from './cycle.ts';
import { NOW, equalTenants, task, uniformNode, uniformView } from './mesos-world.ts';

/** The frameworks that wait, one app each. */
export const WAITING = 2000;

/** A cluster in which every node has a pod that leaves too little for a whole-node task, and 2,000 frameworks with such a task each. */
export function waitingWorld(nodes: number): CycleWorld {
  const view = uniformView(nodes);
  for (let index = 0; index < nodes; index += 1) view.setPod(stranger(index, 1));
  const demands = Array.from({ length: WAITING }, (_, framework) => task(framework, 0));
  return { view, tenants: equalTenants(WAITING), demands };
}

/** A pod of somebody else on the node. */
export function stranger(node: number, cpus: number): PodFacts {
  const name = `stranger-${node}`;
  return {
    uid: `uid-${name}`,
    namespace: 'others',
    name,
    owner: undefined,
    labels: {},
    annotations: {},
    schedulerName: 'default-scheduler',
    nodeName: uniformNode(node).name,
    phase: 'Running',
    ready: true,
    readySinceSeconds: NOW,
    deleting: false,
    createdAtSeconds: NOW,
    requests: parseResourceList({ cpu: cpus, memory: '256Mi', pods: 1 }),
    claims: [],
    problem: undefined,
    priority: 0,
  };
}
