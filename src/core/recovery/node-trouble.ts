import type { NodeFacts } from '../facts/node-facts.ts';
import type { FencingState } from './fencing-state.ts';
import type { InstanceState } from './instance-state.ts';

/** Set by whoever cut the node off: https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/ */
export const TAINT_OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

/** What we put on a node: as it was measured, and as the documentation of Kubernetes has it. */
export const OUR_TAINT = { key: TAINT_OUT_OF_SERVICE, value: 'nodeshutdown', effect: 'NoExecute' } as const;

/** From so many silent seconds on a node is looked at more closely: one renewal of its Lease is missing. */
export const QUIET_SECONDS = 15;

/** From so many silent seconds on nothing new is placed on a node, and it counts as one that looks dead. */
export const SUSPECT_SECONDS = 20;

/** A node that looks dead, or is said to be so. */
export interface NodeTrouble {
  readonly name: string;
  /** Empty when its object is gone. */
  readonly uid: string;
  /** Since its Lease was renewed, as far as we could hear; 0 when it is renewed. */
  readonly silentSeconds: number;
  /** What its Lease said last, as it stands there; empty when there is none. */
  readonly renewedAt: string;
  readonly ready: boolean;
  /** Somebody says that it was cut off; `byUs`: we did, for members of an app. */
  readonly outOfService: 'no' | 'byUs' | 'byOthers';
  readonly instance: InstanceState;
  /** How far the fencing hook is with it; absent: there is none, or it cannot be asked about this silence. */
  readonly fencing?: FencingState;
  /** Why it may not be tainted as a whole; empty when it may. See `whole-node.ts`. */
  readonly wholeNodeProblem: string;
}

interface Seen {
  readonly silentSeconds: number;
  readonly renewedAt: string;
  readonly instance: InstanceState;
  readonly fencing?: FencingState | undefined;
  /** The object as it was before it was deleted. */
  readonly last?: NodeFacts | undefined;
  readonly wholeNodeProblem: () => string;
}

const NO_NODE: Pick<NodeFacts, 'uid' | 'ready'> = { uid: '', ready: false };

/** What is wrong with the node; undefined when nothing is. `node` undefined: there is no object of that name. */
export function nodeTrouble(name: string, node: NodeFacts | undefined, seen: Seen): NodeTrouble | undefined {
  const { instance, fencing, renewedAt, last } = seen;
  const { uid, ready } = node ?? NO_NODE;
  const said = outOfServiceOf(node ?? last);
  // Ours went with the object: it followed from evidence, and is none.
  const outOfService = node === undefined && said === 'byUs' ? 'no' : said;
  const silentSeconds = seen.silentSeconds >= QUIET_SECONDS ? seen.silentSeconds : 0;
  if (ready && silentSeconds === 0 && outOfService === 'no' && instance === 'unknown') return undefined;
  const wholeNode = seen.wholeNodeProblem();
  const trouble = { name, uid, silentSeconds, renewedAt, ready, outOfService, instance, wholeNodeProblem: wholeNode };
  return fencing === undefined ? trouble : { ...trouble, fencing };
}

/** Whether nothing may be placed on a node for the time being, whatever its object says. */
export function isUnfit({ silentSeconds, outOfService, instance }: NodeTrouble): boolean {
  return silentSeconds >= SUSPECT_SECONDS || outOfService !== 'no' || instance !== 'unknown';
}

function outOfServiceOf(node: NodeFacts | undefined): NodeTrouble['outOfService'] {
  const taints = node?.taints.filter(({ key }) => key === TAINT_OUT_OF_SERVICE) ?? [];
  if (taints.length === 0) return 'no';
  // One that somebody changed since is their word.
  const isOurs = taints.every(({ value, effect }) => value === OUR_TAINT.value && effect === OUR_TAINT.effect);
  return isOurs && node?.fencedByUs !== undefined ? 'byUs' : 'byOthers';
}
