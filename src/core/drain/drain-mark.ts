import type { PersistentApp } from '../../api/persistent-app.ts';
import type { Toleration } from '../allocator/demand.ts';
import type { NodeFacts, Taint } from '../facts/node-facts.ts';
import { podTolerates, tolerates } from '../placement/stages/taints.ts';

/** Why a node is to be emptied. `isUrgent`: its machine goes away within minutes, whether it is empty or not. */
export interface DrainMark {
  /** The taint that says so. */
  readonly key: string;
  /** As a sentence about the node. */
  readonly says: string;
  readonly isUrgent: boolean;
}

interface Known {
  readonly says: string;
  readonly isUrgent?: true;
}

const CORDON: Taint = { key: 'node.kubernetes.io/unschedulable', value: '', effect: 'NoSchedule' };

/**
 * Taints by which a node is announced to be emptied, and who sets them (docs/drain.md has the sources). Not among them: taints that only say
 * that a node might be, as `DeletionCandidateOfClusterAutoscaler`, which come and go. The most pressing first.
 */
const KNOWN: ReadonlyMap<string, Known> = new Map([
  ['aws-node-termination-handler/spot-itn', { says: 'is a spot machine that AWS takes back', isUrgent: true }],
  ['cloud.google.com/impending-node-termination', { says: 'is a machine that GCE is about to stop', isUrgent: true }],
  ['aws-node-termination-handler/asg-lifecycle-termination', { says: 'is being ended by its Auto Scaling group' }],
  ['aws-node-termination-handler/scheduled-maintenance', { says: 'has an AWS maintenance event ahead' }],
  ['aws-node-termination-handler/rebalance-recommendation', { says: 'is a spot machine that AWS advises to leave' }],
  ['ToBeDeletedByClusterAutoscaler', { says: 'is being removed by the Cluster Autoscaler' }],
  ['karpenter.sh/disrupted', { says: 'is being replaced or removed by Karpenter' }],
  ['karpenter.sh/disruption', { says: 'is being replaced or removed by Karpenter' }],
  [CORDON.key, { says: 'is cordoned' }],
]);

/**
 * Why members with these tolerations should leave the node; undefined: they may stay. Who tolerates the mark could be placed there again,
 * so it stays; a taint that keeps nobody away (PreferNoSchedule) moves nobody.
 */
export function drainMark(node: NodeFacts, tolerations: readonly Toleration[]): DrainMark | undefined {
  const isCordoned = node.unschedulable && !tolerations.some((toleration) => tolerates(toleration, CORDON));
  const keys = new Set(node.taints.filter((taint) => !podTolerates(tolerations, taint)).map(({ key }) => key));
  // The taint stays for a moment after an uncordon.
  keys.delete(CORDON.key);
  if (isCordoned) keys.add(CORDON.key);
  for (const [key, { says, isUrgent = false }] of KNOWN) if (keys.has(key)) return { key, says, isUrgent };
  return undefined;
}

/** The mark of a node for members of this app. */
export function markFor(node: NodeFacts | undefined, { app }: { readonly app: PersistentApp }): DrainMark | undefined {
  const tolerations = (app.spec.template.spec.tolerations ?? []) as readonly Toleration[];
  return node === undefined ? undefined : drainMark(node, tolerations);
}
