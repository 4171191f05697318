import type { Recovery } from '../../api/recovery.ts';
import { type AwaitedFencing, type Evidence, type MemberVolume, evidenceOf } from './evidence.ts';
import { type NodeTrouble, QUIET_SECONDS, TAINT_OUT_OF_SERVICE } from './node-trouble.ts';

/** The policy of an app for members of lost nodes. Seconds. */
export type LossPolicy = Recovery['nodeFailure'];

/**
 * The least silence before anything is done, whatever the app says: a kubelet renews every 10 s, so less than two renewals and a little
 * more is no silence but a blip.
 */
const LEAST_ACT_SECONDS = 25;

/** After so long a silence a person is told what only a person can do, also where the app waits longer before anything is done. */
const TOLD_SECONDS = 45;

/** What there is to say and do about one member on a node that may be lost. */
export type Judgement =
  /** Nothing is wrong, or not long enough; `atSilentSeconds`: what the node's silence must reach for the next answer. */
  | { readonly kind: 'well'; readonly atSilentSeconds?: number }
  | { readonly kind: 'suspected'; readonly cause: string; readonly atSilentSeconds?: number }
  /** Somebody says that the node is off, and it answers: one of the two is wrong, and nothing is cut off. */
  | { readonly kind: 'contradicted'; readonly cause: string }
  /** A person must cut the node off, or say that it is. */
  | { readonly kind: 'needsFencing'; readonly cause: string; readonly message: string }
  /** The member may be moved. `isExplicit`: somebody said that the node is off. */
  | {
      readonly kind: 'lost';
      readonly cause: string;
      readonly evidence: string;
      readonly isExplicit: boolean;
      /** Another place may be looked for, and nothing more before the fencing hook has cut the node off. */
      readonly awaits?: AwaitedFencing & { readonly message: string };
    };

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
  if (!isSilent && node.ready) return answers(node, suspectAfter);
  const evidence = evidenceOf(node, volumes);
  const dueAt = Math.min(actAfter, isForAPerson(evidence, policy) ? Math.max(TOLD_SECONDS, suspectAfter) : actAfter);
  const isDue = node.silentSeconds >= dueAt || (evidence.proven && evidence.isExplicit);
  if (policy.policy === 'Disabled' || !isDue)
    return { kind: 'suspected', cause, ...(isSilent && !isDue ? { atSilentSeconds: dueAt } : {}) };
  return judgeDue(node, evidence, cause, policy);
}

/** Nobody but a person can go on, however long it lasts. */
function isForAPerson(evidence: Evidence, { policy }: LossPolicy): boolean {
  return !evidence.proven && (evidence.awaits === undefined || policy !== 'Automatic');
}

/** The node was in trouble for long enough. */
function judgeDue(node: NodeTrouble, evidence: Evidence, cause: string, policy: LossPolicy): Judgement {
  if (!evidence.proven) return unproven(node, evidence, cause, policy);
  if (policy.policy === 'Manual' && !evidence.isExplicit)
    return { kind: 'needsFencing', cause, message: `spec.recovery.nodeFailure.policy is Manual; ${whatToDo(node)}` };
  return { kind: 'lost', cause, evidence: evidence.by, isExplicit: evidence.isExplicit };
}

/** A node that is ready, and not silent for long enough. */
function answers(node: NodeTrouble, suspectAfter: number): Judgement {
  const { name, silentSeconds } = node;
  if (silentSeconds > 0) return { kind: 'well', atSilentSeconds: suspectAfter };
  if (node.outOfService !== 'byOthers') return { kind: 'well' };
  return {
    kind: 'contradicted',
    cause: `node ${name} is declared out of service, and is alive: it is ready and renews its Lease. Turn its machine off, or take the word back: kubectl taint nodes ${name} ${TAINT_OUT_OF_SERVICE}-`,
  };
}

function unproven(
  node: NodeTrouble,
  { lacks, awaits }: Extract<Evidence, { proven: false }>,
  cause: string,
  { policy }: LossPolicy,
): Judgement {
  const message = `${lacks}; ${awaits?.problem === undefined ? '' : `${awaits.problem}; `}${whatToDo(node)}`;
  if (awaits === undefined || policy !== 'Automatic') return { kind: 'needsFencing', cause, message };
  const evidence = `the fencing hook, once it says that node ${node.name} is cut off`;
  return { kind: 'lost', cause, evidence, isExplicit: false, awaits: { ...awaits, message } };
}

function causeOf({ name, uid, renewedAt }: NodeTrouble, isSilent: boolean): string {
  if (uid === '') return `node ${name} is gone, which says nothing of its machine`;
  return isSilent ? `node ${name} is silent: it last renewed its Lease at ${renewedAt}` : `node ${name} is not ready`;
}

/** The exact command; both are right only when the machine is off. The taint speaks to Kubernetes, too: it then lets go of the volumes. */
function whatToDo({ name, uid, outOfService }: NodeTrouble): string {
  const first = 'make sure that the machine is off, then say so';
  // Ours says nothing of this member, and kubectl puts no second one beside it.
  if (outOfService === 'byUs')
    return `${first} in place of Proffer's own taint: kubectl taint --overwrite nodes ${name} ${TAINT_OUT_OF_SERVICE}=confirmed:NoExecute`;
  if (uid !== '') return `${first}: kubectl taint nodes ${name} ${TAINT_OUT_OF_SERVICE}=nodeshutdown:NoExecute`;
  const taints = [{ key: TAINT_OUT_OF_SERVICE, value: 'nodeshutdown', effect: 'NoExecute' }];
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: { taints } };
  return `${first} with a node of that name: echo '${JSON.stringify(node)}' | kubectl create -f -`;
}
