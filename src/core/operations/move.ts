import type { OperationStep } from '../../api/app-operation.ts';
import type { Slot } from '../../api/reservation.ts';
import type { Situation } from '../app/situation.ts';
import { memberOf, memberRefusal, podObject, stepPerMember, waitsForOthers } from './chosen-members.ts';
import { slotElsewhere } from './slot-on-the-move.ts';
import type { OperationInput, OperationType, Verdict } from './operation-type.ts';
import { deleteOldPod, hasOldPod, newPodVerdict } from './restart.ts';
import { objectsOf } from './running-operation.ts';

/** Members to other nodes, one by one: a slot there first, then the pod goes. The volume comes along, so it must be reachable there. */
export const move: OperationType = {
  isDisruptive: true,
  refusal: (input) => memberRefusal(input) ?? isThere(input),
  phases: (input) => [{ name: 'Move', steps: stepPerMember('move', input) }],
  waitsFor: (step, { situation }) => {
    const member = memberOf(step, situation);
    if (member === undefined || !member.bound)
      return { check: 'MemberBound', message: `waits for ${step.member} to run somewhere first` };
    return waitsForOthers(step, situation);
  },
  begin: (step, { situation }) => {
    const member = memberOf(step, situation);
    return [...podObject(member), { kind: 'Node', name: member?.pod?.nodeName ?? '', uid: '' }];
  },
  judge: (step, input) => verdict(step, input),
  act: (step, { operation, situation }) => {
    const slot = placeElsewhere(step, situation);
    // The slot elsewhere is written down before the pod goes.
    if (slot === undefined) return [];
    return deleteOldPod(step, situation, `AppOperation ${operation.metadata.name} moves it to ${slot.node}`);
  },
  mayStop: (step, { situation }) => hasOldPod(step, situation),
};

function isThere({ operation, situation }: OperationInput): string | undefined {
  const { targetNode, members } = operation.spec;
  if (targetNode === undefined) return undefined;
  const member = situation.members.find(({ name }) => name === members[0]);
  return member?.pod?.nodeName === targetNode ? `${member.name} is on ${targetNode} already` : undefined;
}

function fromNode(step: OperationStep): string {
  return objectsOf(step, 'Node')[0]?.name ?? '';
}

function placeElsewhere(step: OperationStep, situation: Situation): Slot | undefined {
  const member = memberOf(step, situation);
  return member && slotElsewhere(member, { from: fromNode(step) }, situation);
}

function verdict(step: OperationStep, { situation }: OperationInput): Verdict {
  const isSought = hasOldPod(step, situation) && placeElsewhere(step, situation) === undefined;
  if (!isSought) return newPodVerdict(step, situation);
  const { decline } = situation.facts;
  const why = decline === undefined ? 'looks for a place; nothing is taken from it before' : decline.message;
  return {
    state: 'Running',
    message: `${step.member} stays on ${fromNode(step)}: ${why}`.slice(0, 1024),
    blockedBy: decline?.reason ?? '',
  };
}
