import type { NodeFacts } from '../facts/node-facts.ts';

/** What the cloud says of the machine behind a node. `unknown` also where there is no cloud. */
export type InstanceState = 'unknown' | 'shutdown' | 'terminated';

/** All that a cloud controller manager may have written about a node. Which provider writes what: docs/evidence.md. */
export interface InstanceWords {
  /** Undefined: there is no object of that name. */
  readonly node: NodeFacts | undefined;
  /** The object as it was last seen before it was deleted. */
  readonly last?: NodeFacts | undefined;
  /** The cloud controller manager says that it deleted this very object because its machine is gone. */
  readonly isDeletedAsGone?: boolean | undefined;
}

/** Reads one thing that a cloud controller manager writes. */
export type InstanceReader = (words: InstanceWords) => InstanceState;

/**
 * Set when the cloud says that the instance is stopped (k8s.io/cloud-provider, controllers/nodelifecycle): EKS writes it for `stopped` and
 * not for `stopping`; GKE does not (its provider leaves InstanceShutdown unimplemented).
 */
const TAINT_SHUTDOWN = 'node.cloudprovider.kubernetes.io/shutdown';

/** What was written on an object that is gone since holds: a machine that starts makes its object anew before it runs a pod. */
const readShutdownTaint: InstanceReader = ({ node, last }) =>
  (node ?? last)?.taints.some((taint) => taint.key === TAINT_SHUTDOWN) === true ? 'shutdown' : 'unknown';

/**
 * EKS when the instance is `terminated` or unknown to EC2, GKE when there is no instance of that name any more. It counts only for the object
 * that was deleted: one that was made anew under the name belongs to another machine, or to the same that came back.
 */
const readDeletion: InstanceReader = ({ node, isDeletedAsGone }) =>
  node === undefined && isDeletedAsGone === true ? 'terminated' : 'unknown';

/** In this order; the first that knows decides. A provider that says more is one line here. */
const READERS: readonly InstanceReader[] = [readDeletion, readShutdownTaint];

/** What the cloud says of the node's machine. That the Node object is missing says nothing. */
export function instanceState(words: InstanceWords): InstanceState {
  return READERS.map((read) => read(words)).find((state) => state !== 'unknown') ?? 'unknown';
}
