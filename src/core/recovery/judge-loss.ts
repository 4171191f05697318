import type { Recovery } from '../../api/recovery.ts';
import { type Evidence, type MemberVolume, evidenceOf } from './evidence.ts';
import { type NodeTrouble, QUIET_SECONDS } from './node-trouble.ts';

/** The policy of an app for members of lost nodes. Seconds. */
export type LossPolicy = Recovery['nodeFailure'];

/**
 * The least silence before anything is done, whatever the app says: a kubelet renews every 10 s, so less than two renewals and a little
 * more is no silence but a blip.
 */
const LEAST_ACT_SECONDS = 25;

/** What there is to say and do about one member on a node that may be lost. */
export type Judgement =
  /** Nothing is wrong, or not long enough; `atSilentSeconds`: what the node's silence must reach for the next answer. */
  | { readonly kind: 'well'; readonly atSilentSeconds?: number }
  | { readonly kind: 'suspected'; readonly cause: string; readonly atSilentSeconds?: number }
  /** A person must cut the node off, or say that it is. */
  | { readonly kind: 'needsFencing'; readonly cause: string; readonly message: string }
  /** The member may be moved. `isExplicit`: somebody said that the node is off. */
  | { readonly kind: 'lost'; readonly cause: string; readonly evidence: string; readonly isExplicit: boolean };

/** Judges one member on a node in trouble; `node` undefined: nothing is wrong with it. */
export function judgeLoss(
  node: NodeTrouble | undefined,
  volumes: readonly MemberVolume[],
  policy: LossPolicy,
): Judgement {
  if (node === undefined) return { kind: 'well' };
  const suspectAfter = Math.max(policy.suspectAfterSeconds, QUIET_SECONDS);
  const actAfter = Math.max(policy.actAfterSeconds, suspectAfter, LEAST_ACT_SECONDS);
  const isSilent = node.silentSeconds >= suspectAfter;
  const cause = causeOf(node, isSilent);
  // A node that answers and is ready is not lost, whatever else is said of it: its kubelet takes the pods down by itself.
  if (!isSilent && node.ready)
    return { kind: 'well', ...(node.silentSeconds > 0 ? { atSilentSeconds: suspectAfter } : {}) };
  const evidence = evidenceOf(node, volumes);
  const isDue = node.silentSeconds >= actAfter || (evidence.proven && evidence.isExplicit);
  if (policy.policy === 'Disabled' || !isDue)
    return { kind: 'suspected', cause, ...(isSilent && !isDue ? { atSilentSeconds: actAfter } : {}) };
  return judgeDue(node, evidence, cause, policy);
}

/** The node was in trouble for long enough. */
function judgeDue(node: NodeTrouble, evidence: Evidence, cause: string, policy: LossPolicy): Judgement {
  if (!evidence.proven) return { kind: 'needsFencing', cause, message: `${evidence.lacks}; ${whatToDo(node)}` };
  if (policy.policy === 'Manual' && !evidence.isExplicit)
    return { kind: 'needsFencing', cause, message: `spec.recovery.nodeFailure.policy is Manual; ${whatToDo(node)}` };
  return { kind: 'lost', cause, evidence: evidence.by, isExplicit: evidence.isExplicit };
}

function causeOf({ name, uid, renewedAt }: NodeTrouble, isSilent: boolean): string {
  if (isSilent) return `node ${name} is silent: it last renewed its Lease at ${renewedAt}`;
  return uid === '' ? `node ${name} is gone` : `node ${name} is not ready`;
}

function whatToDo({ name, uid }: NodeTrouble): string {
  if (uid === '')
    return `make sure that the machine of ${name} is off, then delete the pod: kubectl delete pod POD --force --grace-period=0`;
  return `make sure that the machine is off, then say so: kubectl taint nodes ${name} node.kubernetes.io/out-of-service=nodeshutdown:NoExecute`;
}
