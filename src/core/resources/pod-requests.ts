import { type Json, listOf, objectOf, textMapOf, textOf } from '../facts/json.ts';
import { parseResourceList } from './resource-list.ts';
import type { Resources } from './resources.ts';
import { add, maxOf } from './vector.ts';

/** Of one container: what it is to be charged. */
type ChargeOf = (container: Json) => Resources;

/**
 * What kube-scheduler charges a node for a pod, `pods: 1` included.
 *
 * max(containers + sidecars, the largest moment of initialisation) + overhead; pod-level requests replace the sum for cpu, memory and
 * hugepages. A request that is missing is its limit, as the API server defaults it (templates come undefaulted). With `podStatus` a pod
 * that is being resized in place is charged the most of what it asks, was allotted and uses; a resize that can never fit is not charged.
 * Source: KEP-753, KEP-1287, KEP-2837; k8s.io/component-helpers/resource.
 * @throws Error naming the resource when a quantity is malformed.
 */
export function podRequests(podSpec: unknown, podStatus?: unknown): Resources {
  const spec = objectOf(podSpec);
  const status = objectOf(podStatus);
  const total = { ...containerRequests(spec, status), ...podLevelRequests(spec, status) };
  return add(add(total, parseResourceList(textMapOf(spec['overhead']))), { pods: 1 });
}

function containerRequests(spec: Json, status: Json): Resources {
  const statuses = containerStatuses(status);
  const asked = aggregate(spec, (container) => requestsOf(container['resources']));
  if (statuses.size === 0) return asked;
  const infeasible = isResizeInfeasible(status);
  const specOr = (container: Json): Resources => (infeasible ? {} : requestsOf(container['resources']));
  const statusOf = (container: Json): Json => statuses.get(textOf(container['name'])) ?? {};
  const allotted = (container: Json): Resources => {
    const amount = statusOf(container)['allocatedResources'];
    return amount === undefined ? specOr(container) : parseResourceList(textMapOf(amount));
  };
  const used = (container: Json): Resources => {
    const amount = objectOf(statusOf(container)['resources'])['requests'];
    return amount === undefined ? allotted(container) : parseResourceList(textMapOf(amount));
  };
  const granted = maxOf(aggregate(spec, allotted), aggregate(spec, used));
  return infeasible ? granted : maxOf(asked, granted);
}

function aggregate(spec: Json, chargeOf: ChargeOf): Resources {
  let running: Resources = {};
  for (const container of listOf(spec['containers'])) running = add(running, chargeOf(objectOf(container)));
  let sidecars: Resources = {};
  let largestMoment: Resources = {};
  for (const item of listOf(spec['initContainers'])) {
    const container = objectOf(item);
    const moment = add(sidecars, chargeOf(container));
    if (container['restartPolicy'] === 'Always') sidecars = moment;
    largestMoment = maxOf(largestMoment, moment);
  }
  return maxOf(add(running, sidecars), largestMoment);
}

function podLevelRequests(spec: Json, status: Json): Resources {
  const asked = objectOf(spec['resources']);
  const requests = parseResourceList(textMapOf(asked['requests']));
  const limits = parseResourceList(textMapOf(asked['limits']));
  const own = aggregate(spec, (container) => requestsOf(container['resources']));
  const wanted: Record<string, number> = {};
  for (const name of Object.keys(limits)) if (own[name] === undefined) wanted[name] = limits[name] ?? 0;
  Object.assign(wanted, requests);
  const effective = Object.fromEntries(Object.entries(wanted).filter(([name]) => isPodLevel(name)));
  if (Object.keys(effective).length === 0 || status['allocatedResources'] === undefined) return effective;
  const granted = parseResourceList(textMapOf(status['allocatedResources']));
  const names = Object.keys(effective).map((name) => [name, granted[name] ?? 0] as const);
  return isResizeInfeasible(status) ? Object.fromEntries(names) : maxOf(effective, Object.fromEntries(names));
}

function isPodLevel(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');
}

function requestsOf(resources: unknown): Resources {
  const { requests, limits } = objectOf(resources);
  return parseResourceList({ ...textMapOf(limits), ...textMapOf(requests) });
}

/** Only statuses that say something about amounts: a pod without them is charged by its spec. */
function containerStatuses(status: Json): ReadonlyMap<string, Json> {
  const statuses = new Map<string, Json>();
  for (const item of [...listOf(status['initContainerStatuses']), ...listOf(status['containerStatuses'])]) {
    const container = objectOf(item);
    if (container['allocatedResources'] !== undefined || container['resources'] !== undefined) {
      statuses.set(textOf(container['name']), container);
    }
  }
  return statuses;
}

function isResizeInfeasible(status: Json): boolean {
  return listOf(status['conditions'])
    .map(objectOf)
    .some((condition) => condition['type'] === 'PodResizePending' && condition['reason'] === 'Infeasible');
}
