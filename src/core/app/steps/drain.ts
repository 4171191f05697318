import { drainTurn } from '../../drain/drain-turn.ts';
import type { Drain, LeavingMember } from '../../drain/leaving-member.ts';
import { timeLeft } from '../../drain/time-left.ts';
import { isSoughtByMove } from '../../operations/slot-on-the-move.ts';
import type { Wait } from '../../operations/operation-type.ts';
import type { Action } from '../plan.ts';
import type { Situation } from '../situation.ts';
import { type Answer, DONE, type Finding, HELD_BY_OPERATION, type Operation, type Step } from './step.ts';

/** A disruption budget that is not ours may refuse an eviction; nothing tells when it would not. */
const ASK_AGAIN_SECONDS = 5;

/**
 * Members on nodes that are to be emptied. Where they go is written down as their slot before (operations/move-order.ts), so that all that is
 * left to do is to let their pods go, through the eviction API, which keeps every disruption budget.
 */
export const drain: Step = {
  name: 'drain',
  run: ({ situation }) => {
    if (situation.drain === undefined) return DONE;
    const { go, wait } = drainTurn(situation);
    const actions = go.flatMap(({ pod, slot, name }): readonly Action[] => {
      if (pod === undefined || slot === undefined) return [];
      const why = `${whyOf(name, situation.drain)}, and ${slot.node} has a place for it`;
      return [{ kind: 'deletePod', namespace: pod.namespace, name: pod.name, uid: pod.uid, evict: true, why }];
    });
    const operation = operationOf(situation.drain, wait, situation);
    if (operation === undefined && actions.length === 0) return DONE;
    const at = actions.length > 0 ? situation.now + ASK_AGAIN_SECONDS : wait?.atSeconds;
    return answer(actions, operation, at);
  },
};

function answer(actions: readonly Action[], operation: Operation | undefined, at: number | undefined): Answer {
  const effects = {
    actions,
    findings: actions.length === 0 ? [] : [HOLDING],
    ...(at === undefined ? {} : { wakeAtSeconds: at }),
  };
  if (operation === undefined) return { state: 'do', ...effects };
  return { state: actions.length === 0 ? 'waiting' : 'do', operation, ...effects };
}

/** Nobody else takes a member away in the same moment. */
const HOLDING: Finding = {
  reason: HELD_BY_OPERATION,
  message: 'waits for a member to leave a node that is to be emptied',
  stalls: false,
  holds: ['volume-trouble', 'remount', 'update'],
};

function whyOf(member: string, found: Drain | undefined): string {
  const item = found?.leaving.find(({ name }) => name === member);
  return item === undefined ? 'its node is to be emptied' : `node ${item.node} ${item.mark.says}`;
}

function operationOf({ leaving, orders }: Drain, wait: Wait | undefined, situation: Situation): Operation | undefined {
  const { members, app, facts } = situation;
  const moving = leaving.filter(({ stays }) => stays === undefined);
  const wanted = members.filter((member) => member.wanted);
  if (leaving.length === 0 && orders.size === 0) return undefined;
  const sought = wanted.filter((member) => isSoughtByMove(member, situation)).map(({ name }) => name);
  const noRoom = sought.length > 0 ? facts.decline : undefined;
  const left = timeLeft(moving.length, situation);
  const told = [
    ...nodesToldOf(leaving),
    ...(noRoom === undefined ? [] : [`${sought.slice(0, 4).join(', ')} run on where they are: ${noRoom.message}`]),
    ...(wait === undefined ? [] : [wait.message]),
    ...staysToldOf(leaving),
    ...(left === '' ? [] : [left]),
  ];
  return {
    type: 'Drain',
    progress: `${Math.max(0, app.spec.replicas - leaving.length)}/${app.spec.replicas}`,
    blockedBy: (noRoom?.reason ?? wait?.check ?? stayCheck(leaving, moving)).slice(0, 128),
    message: told.join('; ').slice(0, 1024),
  };
}

/** Only where nobody moves at all. */
function stayCheck(leaving: readonly LeavingMember[], moving: readonly LeavingMember[]): string {
  return moving.length > 0 ? '' : (leaving[0]?.stays?.check ?? '');
}

function nodesToldOf(leaving: readonly LeavingMember[]): readonly string[] {
  const nodes = [...new Set(leaving.map(({ node }) => node))];
  return nodes.slice(0, 3).map((node) => {
    const there = leaving.filter((item) => item.node === node);
    return `node ${node} ${there[0]?.mark.says ?? ''}, with ${there
      .map(({ name }) => name)
      .slice(0, 4)
      .join(', ')}`;
  });
}

function staysToldOf(leaving: readonly LeavingMember[]): readonly string[] {
  return leaving
    .flatMap(({ name, stays }) => (stays === undefined ? [] : [`${name} stays: ${stays.message}`]))
    .slice(0, 3);
}
