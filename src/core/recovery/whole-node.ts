import type { PodFacts } from '../facts/pod-facts.ts';
import type { AttachmentFacts, ClaimFacts } from '../facts/storage-facts.ts';
import type { InstanceState } from './instance-state.ts';

/** A pod there. `isMember`: of an app of ours. */
type PodThere = Pick<PodFacts, 'namespace' | 'name' | 'claims' | 'sharedVolumes'> & { readonly isMember: boolean };

/** All that the out-of-service taint of a node would speak for. */
export interface NodeUse {
  /** Whether we may write taints of nodes at all. */
  readonly mayTaint: boolean;
  readonly instance: InstanceState;
  readonly pods: readonly PodThere[];
  readonly attachments: readonly AttachmentFacts[];
  readonly claimOf: (namespace: string, name: string) => Pick<ClaimFacts, 'volumeName'> | undefined;
  /** Whether a completed detach of the PersistentVolume of this name cuts the old writer off. */
  readonly isExclusive: (volume: string) => boolean;
  /** Apps with members there that must not be moved, or not so many at once. */
  readonly unwilling: readonly string[];
}

/**
 * Why the node may not be declared out of service as a whole; empty when it may. The taint makes Kubernetes delete every pod there and
 * detach every volume without waiting, so each of them must be one that a detach cuts off, unless the machine is known to be off. A member
 * without volumes is not cut off by anything: with the taint it would go without evidence.
 */
export function wholeNodeProblem(use: NodeUse): string {
  if (!use.mayTaint) return 'Proffer has no right to taint nodes (chart value recovery.nodeTaints)';
  if (use.unwilling.length > 0) return `members of ${use.unwilling.join(', ')} there may not be moved together`;
  if (use.instance !== 'unknown') return '';
  const attached = use.attachments.map((attachment) => attachment.volumeName).find((name) => !use.isExclusive(name));
  if (attached !== undefined) return `volume ${attached} is attached there and not of an exclusive-attach driver`;
  return use.pods.map((pod) => podProblem(pod, use)).find((problem) => problem !== '') ?? '';
}

function podProblem({ namespace, name, claims, sharedVolumes = [], isMember }: PodThere, use: NodeUse): string {
  const shared = claims.find((claim) => !use.isExclusive(use.claimOf(namespace, claim)?.volumeName ?? ''));
  if (shared !== undefined)
    return `claim ${shared} of pod ${namespace}/${name} there is not of an exclusive-attach driver`;
  const [unclaimed] = sharedVolumes;
  if (unclaimed !== undefined)
    return `volume ${unclaimed} of pod ${namespace}/${name} there has no claim, and no detach cuts it off`;
  const isUncut = isMember && claims.length === 0;
  return isUncut ? `member ${namespace}/${name} there has no volume whose detach would cut it off` : '';
}
