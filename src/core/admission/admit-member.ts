import type { Reason } from '../../api/reasons.ts';
import { showAmount } from '../resources/show-amount.ts';
import { fitsBeside } from './free-beside.ts';
import { lacking } from './lacking.ts';
import type { AdmissionWorld, AskingPod, EnforcedSlot, Member } from './admission-world.ts';
import type { Candidates } from './candidates.ts';
import type { FilterDecision } from './filter-decision.ts';
import { NOTHING_PROMISED, type AdmissionLedger } from './ledger.ts';

interface Question {
  readonly pod: AskingPod;
  readonly member: Member;
  readonly candidates: Candidates;
  readonly world: AdmissionWorld;
  readonly ledger: AdmissionLedger;
}

/** A member goes to its slot's node or nowhere. */
export function admitMember(question: Question): FilterDecision {
  const { pod, member, candidates, world } = question;
  const slot = world.slot(member.app.uid, member.member);
  if (slot === undefined) return refuse(...noSlot(member, world));
  const refusal = slotRefusal(question, slot);
  if (refusal !== undefined) return refuse(...refusal);
  if (!candidates.has(slot.node)) return standIn(question, slot);
  return {
    answer: { kind: 'nodes', nodes: [slot.node] },
    admission: { podUid: pod.uid, member, requests: pod.requests, nodes: [] },
  };
}

/** The slot's node cannot take the member. While nobody can give it another slot, other nodes may. */
function standIn({ pod, member, candidates, world, ledger }: Question, slot: EnforcedSlot): FilterDecision {
  const elsewhere = world.standIn(member.app.uid, member.member);
  const held = `${member.member} is held on ${slot.node}, which ${whyNotCandidate(slot.node, world)}`;
  if (elsewhere === undefined) return refuse('HeldElsewhere', held);
  const wanted = elsewhere.nodes.filter((node) => candidates.has(node));
  const nodes = wanted.filter((node) => fitsBeside(world.room(node), pod, ledger));
  if (nodes.length === 0) {
    const why = elsewhere.message === '' ? noneOf(elsewhere.nodes.length, wanted.length) : elsewhere.message;
    const forNow = wanted.some((node) => fitsBeside(world.room(node), pod, NOTHING_PROMISED));
    return refuse('HeldElsewhere', `${held}; the operator is away, and nothing else is done: ${why}`, forNow);
  }
  const contested = nodes.filter((node) => world.room(node)?.reserves === true);
  return {
    answer: { kind: 'nodes', nodes },
    admission: { podUid: pod.uid, member, requests: pod.requests, nodes: contested },
  };
}

function noneOf(allowed: number, candidates: number): string {
  return `of ${allowed} nodes that would do, ${allowed - candidates} did not pass kube-scheduler's own checks and ${candidates} are promised to others`;
}

/** Why this pod may not use its member's slot, whatever the candidates are. */
export function slotRefusal(
  { pod, member, ledger }: Pick<Question, 'pod' | 'member' | 'ledger'>,
  slot: EnforcedSlot,
): readonly [Reason, string] | undefined {
  if (slot.standing !== 'honoured')
    return ['NoSlot', `${member.member} must wait: its slot on ${slot.node} ${STANDING[slot.standing]} (NoSlot)`];
  const holder = slot.holder === '' ? ledger.holderOf(member) : slot.holder;
  if (holder !== undefined && holder !== pod.uid) {
    return [
      'HeldByOthers',
      `the slot of ${member.member} on ${slot.node} is taken by another pod (UID ${holder}) (HeldByOthers)`,
    ];
  }
  const lack = lacking(pod.requests, slot.resources);
  if (lack === undefined) return undefined;
  const asked = showAmount(lack.resource, lack.asked);
  const held = showAmount(lack.resource, lack.free);
  return [
    lack.reason,
    `${member.member} asks for ${asked} ${lack.resource}, and its slot on ${slot.node} holds ${held}: something raised the pod's requests after the slot was made (${lack.reason})`,
  ];
}

const STANDING = {
  proposed: 'is proposed, and its gang not complete yet',
  moving: 'is being moved: it is usable once its volumes are cut off from the lost node, or on another node',
  conflicted: 'conflicts with another slot there, and is placed anew',
  undecided:
    'was that of a pod that was evicted, and nobody has said yet whether it is kept for the next one: the operator does, or it is after 30 s',
} as const;

function noSlot(member: Member, world: AdmissionWorld): readonly [Reason, string] {
  const waiting = world.app(member.app.uid);
  const why = waiting === undefined || waiting.message === '' ? 'the allocator has not answered yet' : waiting.message;
  return [waiting?.reason ?? 'NoSlot', `${member.member} has no slot: ${why} (${waiting?.reason ?? 'NoSlot'})`];
}

function whyNotCandidate(node: string, world: AdmissionWorld): string {
  const room = world.room(node);
  if (room === undefined) return 'does not exist any more';
  if (room.unschedulable) return 'is cordoned: uncordon it, or wait for the slot to move';
  if (!room.ready) return 'is not Ready';
  return "did not pass kube-scheduler's own checks: see the other reason in this message";
}

function refuse(reason: Reason, message: string, forNow = false): FilterDecision {
  return { answer: { kind: 'refused', reason, message, forNow }, admission: undefined };
}
