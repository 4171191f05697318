import { type Json, integerOf, listOf, objectOf, textOf, textsOf } from './json.ts';
import { type LabelSelector, type Labels, readLabelSelector, selects, withLabelKeys } from './label-selector.ts';

/** One required term of podAffinity or podAntiAffinity: pods in these namespaces with these labels, in one value of the node label. */
export interface PodTerm {
  readonly topologyKey: string;
  readonly selector: LabelSelector | undefined;
  /** By name; the pod's own where the term says nothing about namespaces. */
  readonly namespaces: readonly string[];
  /** By the namespace's labels; undefined: none so. */
  readonly namespaceSelector: LabelSelector | undefined;
}

/** Whose terms are read. `labels`: those of a pod that does not exist yet, for which the API server will merge its `matchLabelKeys`. */
export interface TermOwner {
  readonly namespace: string;
  readonly labels?: Labels;
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';

/** The required terms of `affinity.podAffinity` or `affinity.podAntiAffinity` of a pod spec. */
export function readPodTerms(
  spec: Json,
  kind: 'podAffinity' | 'podAntiAffinity',
  owner: TermOwner,
): readonly PodTerm[] {
  const list = listOf(objectOf(objectOf(spec['affinity'])[kind])[REQUIRED]);
  return list.map((raw) => readTerm(objectOf(raw), owner));
}

function readTerm(raw: Json, { namespace, labels }: TermOwner): PodTerm {
  const selector = readLabelSelector(raw['labelSelector']);
  const namespaceSelector = readLabelSelector(raw['namespaceSelector']);
  const named = textsOf(raw['namespaces']);
  const keys = { match: textsOf(raw['matchLabelKeys']), mismatch: textsOf(raw['mismatchLabelKeys']) };
  return {
    topologyKey: textOf(raw['topologyKey']),
    selector: labels === undefined ? selector : withLabelKeys(selector, labels, keys),
    namespaces: named.length === 0 && namespaceSelector === undefined ? [namespace] : named,
    namespaceSelector,
  };
}

/** Whether the term is about pods like this one. `namespaceLabels` are those of the pod's namespace. */
export function isMeant(
  { namespaces, namespaceSelector, selector }: PodTerm,
  pod: { readonly namespace: string; readonly labels: Labels },
  namespaceLabels: (name: string) => Labels,
): boolean {
  const inNamespace =
    namespaces.includes(pod.namespace) ||
    (namespaceSelector !== undefined &&
      (namespaceSelector.length === 0 || selects(namespaceSelector, namespaceLabels(pod.namespace))));
  return inNamespace && selects(selector, pod.labels);
}

/** A port of the node that a pod takes. `ip` 0.0.0.0 is every address. */
export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

const EVERY_ADDRESS = '0.0.0.0';

/**
 * Host ports as kube-scheduler counts them: of containers and sidecars, not of init containers that end. On the host's network the API
 * server makes every container port a host port, which in a template is still to come.
 */
export function readHostPorts(spec: Json): readonly HostPort[] {
  const onHost = spec['hostNetwork'] === true;
  const sidecars = listOf(spec['initContainers'])
    .map(objectOf)
    .filter((container) => container['restartPolicy'] === 'Always');
  return [...sidecars, ...listOf(spec['containers']).map(objectOf)].flatMap((container) =>
    listOf(container['ports']).flatMap((raw) => readHostPort(objectOf(raw), onHost)),
  );
}

function readHostPort(raw: Json, onHost: boolean): readonly HostPort[] {
  const port = integerOf(raw['hostPort']) ?? (onHost ? (integerOf(raw['containerPort']) ?? 0) : 0);
  if (port <= 0) return [];
  return [{ ip: textOf(raw['hostIP']) || EVERY_ADDRESS, protocol: textOf(raw['protocol']) || 'TCP', port }];
}

/** Whether two pods cannot have these ports on one node. */
export function portsClash(left: HostPort, right: HostPort): boolean {
  if (left.port !== right.port || left.protocol !== right.protocol) return false;
  return left.ip === right.ip || left.ip === EVERY_ADDRESS || right.ip === EVERY_ADDRESS;
}
