import type { NodeFacts } from '../facts/node-facts.ts';

/** What the cloud says of the machine behind a node. `unknown` also where there is no cloud. */
export type InstanceState = 'unknown' | 'shutdown' | 'terminated';

/** Reads what a cloud controller manager wrote on the node. */
export type InstanceReader = (node: NodeFacts) => InstanceState;

/** Set by every cloud controller manager when the cloud says that the instance is stopped (k8s.io/cloud-provider, node lifecycle). */
const TAINT_SHUTDOWN = 'node.cloudprovider.kubernetes.io/shutdown';

const readShutdownTaint: InstanceReader = ({ taints }) =>
  taints.some((taint) => taint.key === TAINT_SHUTDOWN) ? 'shutdown' : 'unknown';

/** In this order; the first that knows decides. A provider that says more is one line here. */
const READERS: readonly InstanceReader[] = [readShutdownTaint];

/** What the cloud says of the node's machine. That the Node object is missing says nothing. */
export function instanceState(node: NodeFacts): InstanceState {
  return READERS.map((read) => read(node)).find((state) => state !== 'unknown') ?? 'unknown';
}
