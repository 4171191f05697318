import type { PodFacts } from '../facts/pod-facts.ts';
import type { AttachmentFacts, ClaimFacts, VolumeFacts } from '../facts/storage-facts.ts';
import type { InstanceState } from './instance-state.ts';

/** All that the out-of-service taint of a node would speak for. */
export interface NodeUse {
  /** Whether we may write taints of nodes at all. */
  readonly mayTaint: boolean;
  readonly instance: InstanceState;
  readonly pods: readonly Pick<PodFacts, 'namespace' | 'name' | 'claims'>[];
  readonly attachments: readonly AttachmentFacts[];
  readonly claimOf: (namespace: string, name: string) => Pick<ClaimFacts, 'volumeName'> | undefined;
  readonly volumeOf: (name: string) => Pick<VolumeFacts, 'storageClassName'> | undefined;
  readonly exclusiveClasses: ReadonlySet<string>;
  /** Apps with members there that must not be moved, or not so many at once. */
  readonly unwilling: readonly string[];
}

/**
 * Why the node may not be declared out of service as a whole; empty when it may. The taint makes Kubernetes delete every pod there and
 * detach every volume without waiting, so each of them must be one that a detach cuts off, unless the machine is known to be off.
 */
export function wholeNodeProblem(use: NodeUse): string {
  if (!use.mayTaint) return 'Proffer has no right to taint nodes (chart value recovery.nodeTaints)';
  if (use.unwilling.length > 0) return `members of ${use.unwilling.join(', ')} there may not be moved together`;
  if (use.instance !== 'unknown') return '';
  const attached = use.attachments.map((attachment) => attachment.volumeName).find((name) => !isExclusive(name, use));
  if (attached !== undefined) return `volume ${attached} is attached there and not of an exclusive-attach driver`;
  for (const { namespace, name, claims } of use.pods) {
    const shared = claims.find((claim) => !isExclusive(use.claimOf(namespace, claim)?.volumeName ?? '', use));
    if (shared !== undefined)
      return `claim ${shared} of pod ${namespace}/${name} there is not of an exclusive-attach driver`;
  }
  return '';
}

function isExclusive(volume: string, { volumeOf, exclusiveClasses }: NodeUse): boolean {
  return exclusiveClasses.has(volumeOf(volume)?.storageClassName ?? '');
}
