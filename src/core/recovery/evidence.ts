import type { NodeFacts } from '../facts/node-facts.ts';
import { instanceState } from './instance-state.ts';
import { type NodeTrouble, TAINT_OUT_OF_SERVICE } from './node-trouble.ts';

/** The fencing hook may still prove it. `problem`: it did not so far, and why. */
export interface AwaitedFencing {
  readonly problem?: string;
}

/** What proves that the old writer is gone or can be cut off, or why nothing does. */
export type Evidence =
  | { readonly proven: true; readonly by: string; readonly isExplicit: boolean }
  | { readonly proven: false; readonly lacks: string; readonly awaits?: AwaitedFencing };

/** A volume of the member, and whether a completed detach cuts its old writer off. */
export interface MemberVolume {
  readonly claim: string;
  readonly isExclusive: boolean;
  /** It has no claim: `claim` is its name in the pod. Absent: it has one. */
  readonly isUnclaimed?: boolean;
}

/**
 * The evidence about a member on a node in trouble. That the Node object is missing is none, nor is silence, however long: a machine that
 * nobody hears may still write. Nor is a taint of our own: it follows from evidence, and must not stand for more of it.
 */
export function evidenceOf(node: NodeTrouble, volumes: readonly MemberVolume[]): Evidence {
  if (node.outOfService === 'byOthers') return proven(`node ${node.name} is declared out of service`, true);
  if (node.instance === 'shutdown') return proven(`the cloud says that the machine of ${node.name} is shut down`, true);
  if (node.instance === 'terminated') return proven(`the cloud says that the machine of ${node.name} is gone`, true);
  const lacks = lackOf(volumes);
  if (lacks !== undefined) return byHook(node, lacks);
  const count = volumes.length === 1 ? 'its volume' : `all ${volumes.length} volumes`;
  return proven(`${count} can be attached to one node only, and a detach cuts the old one off`, false);
}

/**
 * Whether what a node was judged by no longer holds for the object as it is now, in words; undefined: it holds. Silence is not looked at
 * here: Ready stays True for a while on a node that is off.
 */
export function withdrawn(judged: NodeTrouble, live: NodeFacts): string | undefined {
  const { silentSeconds, outOfService, instance } = judged;
  if (outOfService === 'byOthers' && !hasTaint(live, TAINT_OUT_OF_SERVICE))
    return 'it is not declared out of service any more';
  if (instance === 'shutdown' && instanceState({ node: live }) !== 'shutdown')
    return 'the cloud does not say any more that it is shut down';
  return silentSeconds === 0 && live.ready ? 'it is ready again' : undefined;
}

function hasTaint({ taints }: NodeFacts, key: string): boolean {
  return taints.some((taint) => taint.key === key);
}

/** Why a detach proves nothing; undefined when it proves all that is needed. */
function lackOf(volumes: readonly MemberVolume[]): string | undefined {
  const shared = volumes.find((volume) => !volume.isExclusive);
  if (shared?.isUnclaimed === true)
    return `volume ${shared.claim} of its pod has no claim, so no detach proves that its old writer stopped`;
  if (shared !== undefined) return `a detach of claim ${shared.claim} does not prove that its old writer stopped`;
  return volumes.length > 0 ? undefined : 'the member has no volume whose detach would cut the old pod off';
}

/** Whom we ask to cut the node off, where nothing else proves it. */
function byHook({ name, fencing }: NodeTrouble, lacks: string): Evidence {
  switch (fencing?.state) {
    case 'ready':
    case 'asked':
      return { proven: false, lacks, awaits: {} };
    case 'failed':
      return { proven: false, lacks, awaits: { problem: fencing.problem } };
    case 'distrusted':
      return { proven: false, lacks: `${lacks}; ${fencing.problem}` };
    case 'fenced':
      return proven(
        `the fencing hook cut node ${name} off${fencing.message === '' ? '' : `: ${fencing.message}`}`,
        true,
      );
    default:
      return { proven: false, lacks };
  }
}

function proven(by: string, isExplicit: boolean): Evidence {
  return { proven: true, by, isExplicit };
}
