import type { AttachmentFacts } from '../../facts/storage-facts.ts';
import type { MemberMove } from '../../recovery/decide-moves.ts';
import type { NodeTrouble } from '../../recovery/node-trouble.ts';
import type { Action } from '../plan.ts';
import type { Member, Situation } from '../situation.ts';
import { type Answer, DONE, type Finding, type Operation, type Step } from './step.ts';

/** Nodes grow silent without any event, so a judgement that waits for more silence is looked at again, this often at most. */
const LOOK_AGAIN_SECONDS = 1;

/** A fencing hook that failed is asked again; how soon is for its own file to say (operator/fencing-hook.ts). */
const ASK_AGAIN_SECONDS = 5;

/**
 * Members of lost nodes. What a plan records (a slot that is Moving) and what it destroys (the old pod, then what ties its volumes to the
 * old node) are never of the same pass: what is destroyed was written down before.
 */
export const recover: Step = {
  name: 'recover',
  run: ({ situation }) => {
    const moves = [...situation.moves.values()].filter(isNews);
    if (moves.length === 0) return DONE;
    const actions = moves.flatMap((move) => actionsOf(move, situation));
    const findings = moves.flatMap((move) => fencingRequired(move));
    const again = moves.flatMap((move) => lookAgainAt(move, situation) ?? []);
    const effects = {
      actions,
      findings,
      ...(again.length === 0 ? {} : { wakeAtSeconds: Math.min(...again) }),
    };
    const operation = operationOf(moves, situation);
    return operation === undefined ? { state: 'done', ...effects } : answer(actions, operation, effects);
  },
};

function isNews({ move, judgement, ask }: MemberMove): boolean {
  return move.step !== 'none' || judgement.kind !== 'well' || ask.length > 0;
}

function answer(actions: readonly Action[], operation: Operation, effects: object): Answer {
  return actions.length > 0 ? { state: 'do', operation, ...effects } : { state: 'waiting', operation, ...effects };
}

function actionsOf(decided: MemberMove, situation: Situation): readonly Action[] {
  const { member: name, move } = decided;
  const member = situation.members.find((candidate) => candidate.name === name);
  if (member === undefined) return [];
  const troubleOf = (node: string) => situation.facts.recovery?.trouble.get(node);
  const asks = asked(decided, situation);
  switch (move.step) {
    case 'release': {
      const node = troubleOf(move.from);
      return node === undefined ? [] : [...released(member, node, move.evidence), ...declared(node, name)];
    }
    case 'fence':
    case 'cutBehind':
      return [...asks, ...move.cut.flatMap((attachment) => cutOff(attachment, troubleOf(attachment.nodeName), name))];
    default:
      return asks;
  }
}

/** The hook is asked again and again; whoever runs it knows by the request's id that it is the same. */
function asked({ member, ask, judgement }: MemberMove, { facts, app }: Situation): readonly Action[] {
  return ask.flatMap((nodeName) => {
    const node = facts.recovery?.trouble.get(nodeName);
    if (node === undefined) return [];
    const why = 'cause' in judgement ? judgement.cause : `${member} waits for its volumes to be detached from there`;
    const { uid, renewedAt } = node;
    const name = `${app.metadata.namespace}/${member}`;
    return [{ kind: 'askFencing', nodeName, uid, renewedAt, member: name, why } as const];
  });
}

function released({ pod }: Member, node: NodeTrouble, evidence: string): readonly Action[] {
  if (pod === undefined) return [];
  const { namespace, name, uid } = pod;
  const { name: nodeName, uid: nodeUID, renewedAt } = node;
  return [{ kind: 'forceDeletePod', namespace, name, uid, nodeName, nodeUID, renewedAt, why: evidence }];
}

/** The whole node's way: much faster, where it is safe for everybody else's volumes there. */
function declared(node: NodeTrouble, why: string): readonly Action[] {
  if (node.outOfService !== 'no' || node.uid === '' || node.wholeNodeProblem !== '') return [];
  return [{ kind: 'declareOutOfService', nodeName: node.name, uid: node.uid, renewedAt: node.renewedAt, why }];
}

/** This volume's way, where the whole node's is not open. */
function cutOff(attachment: AttachmentFacts, node: NodeTrouble | undefined, member: string): readonly Action[] {
  if (node === undefined || node.outOfService !== 'no') return [];
  const whole = declared(node, member);
  if (whole.length > 0) return whole;
  const { name, uid, nodeName, volumeName } = attachment;
  const { uid: nodeUID, renewedAt } = node;
  return [{ kind: 'deleteAttachment', name, uid, nodeName, nodeUID, volumeName, renewedAt, why: member }];
}

function fencingRequired({ member, judgement }: MemberMove): readonly Finding[] {
  const problem = judgement.kind === 'needsFencing' ? judgement.message : failedHook(judgement);
  if (problem === undefined || !('cause' in judgement)) return [];
  const message = `${member}: ${judgement.cause}, and nothing proves that it stopped writing (${problem})`;
  return [{ reason: 'FencingRequired', message, stalls: false, holds: [] }];
}

/** What a person must do in its place; undefined while it may still answer. */
function failedHook(judgement: MemberMove['judgement']): string | undefined {
  if (judgement.kind !== 'lost') return undefined;
  return judgement.awaits?.problem === undefined ? undefined : judgement.awaits.message;
}

function lookAgainAt(
  { judgement, member, ask, heldBackBy }: MemberMove,
  { facts, members, now }: Situation,
): number | undefined {
  // The breaker closes by news of other nodes than this one.
  if (ask.length > 0 || heldBackBy?.check === 'CircuitBreaker') return now + ASK_AGAIN_SECONDS;
  if (!('atSilentSeconds' in judgement) || judgement.atSilentSeconds === undefined) return undefined;
  const node = facts.recovery?.trouble.get(placeOf(members.find(({ name }) => name === member)));
  return now + Math.max(LOOK_AGAIN_SECONDS, judgement.atSilentSeconds - (node?.silentSeconds ?? 0));
}

/** The node that holds the member. */
function placeOf(member: Member | undefined): string {
  return member?.pod?.nodeName || (member?.slot?.node ?? '');
}

const DOES: Readonly<Record<Exclude<MemberMove['move']['step'], 'none' | 'fenced'>, string>> = {
  seek: 'looks for another place before anything is taken from it',
  found: 'has another place; that is written down before the old pod goes',
  release: 'gives up its old pod',
  fence: 'waits until its volumes are detached from the lost node',
  cutBehind: 'has its place already, and its volumes are being detached from the lost node',
};

function operationOf(moves: readonly MemberMove[], situation: Situation): Operation | undefined {
  const told = moves.flatMap((move) => toldOf(move));
  const [first] = told;
  if (first === undefined) return undefined;
  const progress = `${situation.members.filter((member) => member.wanted).length - told.length}/${situation.app.spec.replicas}`;
  const message = told.map((item) => item.message).join('; ');
  return { type: 'Recover', progress, blockedBy: first.blockedBy, message: message.slice(0, 1024) };
}

function toldOf({
  member,
  move,
  judgement,
  ask,
  heldBackBy,
}: MemberMove): readonly Pick<Operation, 'blockedBy' | 'message'>[] {
  if (heldBackBy !== undefined)
    return [{ blockedBy: heldBackBy.check, message: `${member} is not moved: ${heldBackBy.message}` }];
  if (ask.length > 0)
    return [{ blockedBy: 'Fencing', message: `${member} waits until the fencing hook has cut off ${ask.join(', ')}` }];
  if (move.step !== 'none' && move.step !== 'fenced')
    return [{ blockedBy: 'cut' in move ? 'Fencing' : '', message: `${member} ${DOES[move.step]}` }];
  if (judgement.kind === 'needsFencing')
    return [{ blockedBy: 'FencingRequired', message: `${member}: ${judgement.message}` }];
  if (judgement.kind === 'contradicted')
    return [{ blockedBy: 'OutOfServiceButAlive', message: `${member}: ${judgement.cause}` }];
  if (judgement.kind === 'suspected') return [{ blockedBy: 'NodeSuspected', message: `${member}: ${judgement.cause}` }];
  return [];
}
