import type { NodeFacts } from '../facts/node-facts.ts';
import type { CapacityFacts, VolumeFacts } from '../facts/storage-facts.ts';
import { RESOURCE_STORAGE_PREFIX } from '../../api/labels.ts';
import type { Resources } from '../resources/resources.ts';
import type { LoadedCluster } from '../view/load-objects.ts';
import { HOSTNAME_LABEL } from '../view/node-table.ts';

/** Undoes what was done to a cluster. */
export type Undo = () => void;

/** Taints that a node has for a while, and a new one would not. */
const PASSING = /^node\.kubernetes\.io\/|^ToBeDeletedByClusterAutoscaler$|^DeletionCandidateOfClusterAutoscaler$/;

/**
 * Adds nodes as `like` would be if it were new: ready, empty but for its DaemonSets' pods, with its labels and taints, as many attach
 * slots, and the storage that only it has (`atLeast`, by storage class: more where that is not enough).
 * @throws Error when there is no such node.
 */
export function addCopies(
  cluster: LoadedCluster,
  like: string,
  count: number,
  atLeast: Resources = {},
): { readonly names: readonly string[]; readonly undo: Undo } {
  const node = cluster.view.node(like);
  if (node === undefined) throw new Error(`there is no node ${like} to copy: ${namesOf(cluster)}`);
  const names: string[] = [];
  const undo: Undo[] = [];
  for (let number = 1; names.length < count; number += 1) {
    const name = `${like}-copy-${number}`;
    if (cluster.view.node(name) !== undefined) continue;
    names.push(name);
    undo.push(addCopy(cluster, node, name, atLeast));
  }
  return { names, undo: () => undo.toReversed().forEach((one) => one()) };
}

function namesOf({ view }: LoadedCluster): string {
  const names = view.nodes().map(({ name }) => name);
  if (names.length === 0) return 'the cluster has no nodes';
  return `there are ${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;
}

function addCopy(cluster: LoadedCluster, node: NodeFacts, name: string, atLeast: Resources): Undo {
  const { view } = cluster;
  const own = new Set([node.name, node.labels[HOSTNAME_LABEL] ?? node.name]);
  view.setNode({
    ...node,
    name,
    uid: `uid of ${name}`,
    labels: renamed(node.labels, own, name),
    ready: true,
    unschedulable: false,
    taints: node.taints.filter(({ key }) => !PASSING.test(key)),
  });
  const csiNode = cluster.csiNodes.get(node.name);
  if (csiNode !== undefined) view.setCsiNode({ ...csiNode, name });
  const capacities = [...cluster.capacities.values()].filter((one) => isOnlyOf(one, node, own));
  const copies = capacities.map((one) => freshCapacity(one, cluster.volumes.values(), { own, name, atLeast }));
  for (const copy of copies) view.setCapacity(copy);
  const pods = [...cluster.pods.values()].filter(
    (pod) => pod.nodeName === node.name && pod.owner?.kind === 'DaemonSet',
  );
  const podCopies = pods.map((pod) => ({
    ...pod,
    uid: `${pod.uid} on ${name}`,
    name: `${pod.name}-${name}`,
    nodeName: name,
  }));
  for (const pod of podCopies) view.setPod(pod);
  return () => {
    for (const pod of podCopies) view.deletePod(pod.uid);
    for (const copy of copies) view.deleteCapacity(`${copy.namespace}/${copy.name}`);
    if (csiNode !== undefined) view.deleteCsiNode(name);
    view.deleteNode(name);
  };
}

type Labels = Readonly<Record<string, string>>;

/** Labels that name the node name the copy. */
function renamed(labels: Labels, own: ReadonlySet<string>, name: string): Labels {
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, own.has(value) ? name : value]));
}

function isOnlyOf({ nodeLabels }: CapacityFacts, node: NodeFacts, own: ReadonlySet<string>): boolean {
  const labels = Object.entries(nodeLabels ?? {});
  return labels.some(([, value]) => own.has(value)) && labels.every(([key, value]) => node.labels[key] === value);
}

/** What is free on the node and what its volumes have, together: as before there was any volume. */
function freshCapacity(
  facts: CapacityFacts,
  volumes: Iterable<VolumeFacts>,
  { own, name, atLeast }: { readonly own: ReadonlySet<string>; readonly name: string; readonly atLeast: Resources },
): CapacityFacts {
  let bytes = facts.capacityBytes;
  for (const volume of volumes) {
    const isThere = volume.nodeTerms?.some((term) =>
      Object.values(term).some((values) => values.some((v) => own.has(v))),
    );
    if (volume.storageClassName === facts.storageClassName && isThere === true) bytes += volume.bytes;
  }
  return {
    ...facts,
    uid: `${facts.uid} on ${name}`,
    name: `${facts.name}-${name}`,
    nodeLabels: renamed(facts.nodeLabels ?? {}, own, name),
    capacityBytes: Math.max(bytes, atLeast[`${RESOURCE_STORAGE_PREFIX}${facts.storageClassName}`] ?? 0),
  };
}
