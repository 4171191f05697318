import type { Slot } from '../../api/reservation.ts';
import type { NodeRequirement } from '../allocator/demand.ts';
import type { Member, Situation } from '../app/situation.ts';
import { markFor } from '../drain/drain-mark.ts';
import { NODE_NAME_FIELD } from '../facts/read-volume.ts';
import type { MoveOrder } from './move-order.ts';
import { objectsOf } from './running-operation.ts';

/** The slot of a member that is moved while its old pod is there; undefined: this member is not. */
export function slotOnTheMove(member: Member, situation: Situation, claimed: () => Slot): Slot | undefined {
  const order = orderFor(member, situation);
  if (order === undefined) return undefined;
  const found = slotElsewhere(member, order, situation);
  return found ?? { ...claimed(), state: 'Moving' };
}

/** Whether another slot is looked for while this one stays. */
export function isSoughtByMove(member: Member, situation: Situation): boolean {
  const order = orderFor(member, situation);
  return order !== undefined && slotElsewhere(member, order, situation) === undefined;
}

/** Which nodes are meant, while members are looked for another place for. */
export function nodesOfMove(situation: Situation): NodeRequirement | undefined {
  const sought = situation.members.filter((member) => isSoughtByMove(member, situation));
  const orders = sought.flatMap((member) => orderFor(member, situation) ?? []);
  const [first] = orders;
  if (first === undefined) return undefined;
  if (first.only !== undefined) return { key: NODE_NAME_FIELD, operator: 'In', values: [first.only] };
  const values = [...new Set(orders.flatMap(({ not }) => not))].toSorted();
  return { key: NODE_NAME_FIELD, operator: 'NotIn', values };
}

/** A slot that was accepted for the move: one that is still held, elsewhere, where the member may still go. */
export function slotElsewhere(
  { slot }: Member,
  { from }: Pick<MoveOrder, 'from'>,
  { facts, app }: Situation,
): Slot | undefined {
  if (slot === undefined || slot.state !== 'Held' || slot.node === from) return undefined;
  const node = facts.nodes.get(slot.node);
  return node?.ready === true && markFor(node, { app }) === undefined ? slot : undefined;
}

/** Only members whose pod is bound are moved so; an AppOperation moves one at a time, and before any drain. */
function orderFor(member: Member, situation: Situation): MoveOrder | undefined {
  if (!member.bound || !member.wanted) return undefined;
  return operationOrder(member, situation) ?? situation.drain?.orders.get(member.name);
}

/** Also of a pod that is on its way out: its slot elsewhere stays until the new pod takes it. */
function operationOrder({ name, pod }: Member, { running }: Situation): MoveOrder | undefined {
  if (running?.operation.spec.type !== 'Move' || running.step?.member !== name) return undefined;
  const { step } = running;
  if (pod === undefined || !objectsOf(step, 'Pod').some(({ uid }) => uid === pod.uid)) return undefined;
  const from = objectsOf(step, 'Node')[0]?.name ?? '';
  const only = running.operation.spec.targetNode;
  return { member: name, from, not: [from], ...(only === undefined ? {} : { only }) };
}
