import type { Slot } from '../../api/reservation.ts';
import type { AttachmentFacts } from '../facts/storage-facts.ts';
import type { MemberVolume } from './evidence.ts';
import { type Judgement, type LossPolicy, judgeLoss } from './judge-loss.ts';
import type { NodeTrouble } from './node-trouble.ts';

type SlotAtRisk = Pick<Slot, 'node' | 'state'>;

/** A member, as far as its recovery goes. */
export interface MemberAtRisk {
  readonly name: string;
  /** Where its pod is bound; empty when it has no bound pod. */
  readonly podNode: string;
  readonly slot: SlotAtRisk | undefined;
  /** Its volume can be reached only where it is. */
  readonly isPinned: boolean;
  readonly volumes: readonly MemberVolume[];
  /** A volume of it that can be reached only from a zone whose nodes are all lost; absent: none. */
  readonly locked?: { readonly claim: string; readonly zone: string };
  /** Of its volumes, wherever they are attached. */
  readonly attachments: readonly AttachmentFacts[];
}

/** An app's members and what is known of their nodes. */
export interface RiskFacts {
  readonly members: readonly MemberAtRisk[];
  /** Nodes in trouble, by name. */
  readonly trouble: ReadonlyMap<string, NodeTrouble>;
  readonly policy: LossPolicy;
  /** The status tells of an open recovery: before it does, nothing is destroyed. */
  readonly isRecorded: boolean;
  /** Why nothing new may be begun; undefined: nothing stands against it. */
  readonly breakerProblem: string | undefined;
}

/**
 * What is done about a member, in this order: `seek` its slot stays where it is, as Moving, while another one is looked for; nothing is
 * destroyed. `found` there is one: it is written down as Moving, which lets nobody in. `release` that is written: the old pod may go.
 * `fence` the pod is gone, and `attachments` still tie its volumes to another node; `cut` those that may be cut. `fenced` nothing does.
 * `cutBehind` it runs elsewhere already, let in before anybody looked, and Kubernetes would wait for minutes and then detach by force.
 */
export type Move =
  | { readonly step: 'none' }
  | {
      readonly step: 'seek' | 'found' | 'release';
      readonly from: string;
      readonly cause: string;
      readonly evidence: string;
    }
  | {
      readonly step: 'fence' | 'cutBehind';
      readonly attachments: readonly AttachmentFacts[];
      readonly cut: readonly AttachmentFacts[];
    }
  | { readonly step: 'fenced' };

export interface MemberMove {
  readonly member: string;
  readonly move: Move;
  readonly judgement: Judgement;
  /** Nodes that the fencing hook is asked to cut off: the place elsewhere is found and written down, or there is no pod to take away. */
  readonly ask: readonly string[];
  /** What holds a move back that there is evidence for. */
  readonly heldBackBy?: { readonly check: 'CircuitBreaker' | 'MaxConcurrent'; readonly message: string };
}

type Lost = Extract<Judgement, { kind: 'lost' }>;

const NONE: Move = { step: 'none' };
const NOBODY: readonly string[] = [];

/** Decides for all members of an app. At most `policy.maxConcurrent` are under way at once, and those that are come first. */
export function decideMoves(facts: RiskFacts): readonly MemberMove[] {
  let turns = facts.policy.maxConcurrent - facts.members.filter(isUnderWay).length;
  return facts.members.map((member) => {
    const judgement = judgementOf(member, facts);
    const move = nextMove(member, judgement, facts);
    const decided = { member: member.name, judgement, move, ask: asked(member, judgement, move, facts) };
    if (isUnderWay(member) || move.step !== 'seek') return decided;
    const heldBackBy = brake(judgement, turns, facts);
    if (heldBackBy !== undefined) return { ...decided, move: NONE, ask: NOBODY, heldBackBy };
    turns -= 1;
    return decided;
  });
}

/** Whether the member's slot is Moving by this. */
export function isMoving({ step }: Pick<Move, 'step'>): boolean {
  return step !== 'none' && step !== 'fenced' && step !== 'cutBehind';
}

/** Its slot is on the move, or a new one was just accepted while its old pod is still there. */
function isUnderWay({ slot, podNode }: MemberAtRisk): boolean {
  return slot?.state === 'Moving' || (slot?.state === 'Held' && podNode !== '' && slot.node !== podNode);
}

function judgementOf(member: MemberAtRisk, { trouble, policy }: RiskFacts): Judgement {
  const node = trouble.get(member.podNode || (member.slot?.node ?? ''));
  const judgement = judgeLoss(node, member.volumes, policy);
  if (judgement.kind === 'well') return judgement;
  if (member.locked !== undefined && !member.isPinned && judgement.kind !== 'contradicted') {
    const { claim, zone } = member.locked;
    const why = `all nodes of zone ${zone} are lost, and its volume ${claim} can be reached only from there`;
    return { kind: 'suspected', cause: `${judgement.cause}; the member waits for the zone: ${why}` };
  }
  if (!member.isPinned) return judgement;
  return { kind: 'suspected', cause: `${judgement.cause}; the member waits for it, since its volume is there` };
}

function brake(judgement: Judgement, turns: number, facts: RiskFacts): MemberMove['heldBackBy'] {
  // Who says that a node is off knows better than any count.
  const isExplicit = judgement.kind === 'lost' && judgement.isExplicit;
  if (facts.breakerProblem !== undefined && !isExplicit)
    return { check: 'CircuitBreaker', message: facts.breakerProblem };
  if (turns > 0) return undefined;
  const most = facts.policy.maxConcurrent;
  const message = `waits for its turn: at most ${most} ${most === 1 ? 'member is' : 'members are'} moved at once (spec.recovery.nodeFailure.maxConcurrent)`;
  return { check: 'MaxConcurrent', message };
}

function nextMove(member: MemberAtRisk, judgement: Judgement, facts: RiskFacts): Move {
  const { podNode, slot } = member;
  if (slot?.state === 'Conflicted' || slot?.state === 'Proposed') return NONE;
  if (podNode !== '') return judgement.kind === 'lost' ? withPod(member, judgement, facts) : leftBehind(member, facts);
  return slot === undefined ? NONE : withoutPod(slot, member, judgement, facts);
}

/** The old pod is still there, for the API server at least. */
function withPod(member: MemberAtRisk, judgement: Lost, facts: RiskFacts): Move {
  const { trouble, breakerProblem, isRecorded } = facts;
  const { podNode, slot } = member;
  const { cause, evidence, isExplicit } = judgement;
  const why = { from: podNode, cause, evidence };
  const isFound = slot !== undefined && isUnderWay(member) && slot.node !== podNode && !trouble.has(slot.node);
  if (!isFound) return { step: 'seek', ...why };
  // While too many nodes look dead nothing more is destroyed, and what was found is kept.
  const isBraked = breakerProblem !== undefined && !isExplicit;
  const mayRelease = slot.state === 'Moving' && isRecorded && !isBraked && judgement.awaits === undefined;
  return { step: mayRelease ? 'release' : 'found', ...why };
}

/** What ties its volumes to lost nodes other than the one that it is on or is to go to; `cut` those that there is evidence about. */
function tiesElsewhere(home: string, member: MemberAtRisk, { trouble, policy }: RiskFacts) {
  const attachments = member.attachments.filter(({ nodeName }) => nodeName !== home && trouble.has(nodeName));
  const cut = attachments.filter(({ nodeName }) => {
    const found = judgeLoss(trouble.get(nodeName), member.volumes, policy);
    return found.kind === 'lost' && found.awaits === undefined;
  });
  return { attachments, cut };
}

/** Its pod is where all is well. */
function leftBehind(member: MemberAtRisk, facts: RiskFacts): Move {
  if (facts.trouble.has(member.podNode) || facts.breakerProblem !== undefined) return NONE;
  const ties = tiesElsewhere(member.podNode, member, facts);
  return ties.cut.length === 0 ? NONE : { step: 'cutBehind', ...ties };
}

/** The old pod is gone: by us, by a person, or by Kubernetes. */
function withoutPod(slot: SlotAtRisk, member: MemberAtRisk, judgement: Judgement, facts: RiskFacts): Move {
  // While nothing is proven the member's place is all that tells of its old pod, where no volume is attached.
  if (judgement.kind === 'lost' && judgement.awaits !== undefined) return NONE;
  if (judgement.kind === 'lost')
    return { step: 'seek', from: slot.node, cause: judgement.cause, evidence: judgement.evidence };
  // A node that is well again lets go of its volumes by itself, and Kubernetes waits for that.
  const ties = tiesElsewhere(slot.node, member, facts);
  if (ties.attachments.length > 0) return { step: 'fence', ...ties };
  return slot.state === 'Moving' && !facts.trouble.has(slot.node) ? { step: 'fenced' } : NONE;
}

/** Which nodes the fencing hook must cut off before the member can go on. Nobody is asked while too many nodes look dead. */
function asked(member: MemberAtRisk, judgement: Judgement, move: Move, facts: RiskFacts): readonly string[] {
  const { trouble, policy, breakerProblem, isRecorded } = facts;
  if (breakerProblem !== undefined) return NOBODY;
  if (move.step === 'fence') {
    const names = new Set(move.attachments.map(({ nodeName }) => nodeName));
    return [...names].filter((name) => awaits(judgeLoss(trouble.get(name), member.volumes, policy)));
  }
  if (!awaits(judgement)) return NOBODY;
  if (move.step === 'found') return member.slot?.state === 'Moving' && isRecorded ? [move.from] : NOBODY;
  return member.podNode === '' && member.slot !== undefined ? [member.slot.node] : NOBODY;
}

function awaits(judgement: Judgement): boolean {
  return judgement.kind === 'lost' && judgement.awaits !== undefined;
}
