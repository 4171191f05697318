import { readString } from '../core/app/read-field.ts';

/** Where kubelets renew one Lease each, named like their node. */
export const NODE_LEASE_NAMESPACE = 'kube-node-lease';

/** A node's Lease: the rest of it says nothing that the node itself does not. */
export interface NodeLease {
  readonly name: string;
  /** Compared for change only: the node's clock is not ours. */
  readonly renewTime: string;
}

/** A Lease of kube-node-lease as JSON. */
export function readNodeLease(raw: unknown): NodeLease {
  return { name: readString(raw, 'metadata', 'name'), renewTime: readString(raw, 'spec', 'renewTime') };
}
