import { winner } from './slot-conflict.ts';
import type { HeldSlot } from '../facts/held-slot.ts';
import type { Resources } from '../resources/resources.ts';

/**
 * The slots of one node that must give way because two leaders promised the same room: taken in the order of the conflict rule, those
 * that do not fit into `allocatable` beside the better ones. A claimed slot never gives way, since its pod is there. Pods of
 * strangers do not count: a member's priority makes them give way. `usesOf` says what a slot takes of `allocatable`.
 */
export function overfullSlots(
  slots: readonly HeldSlot[],
  allocatable: Resources,
  usesOf: (slot: HeldSlot) => Resources = ({ resources }) => resources,
): readonly HeldSlot[] {
  const used: Record<string, number> = {};
  return slots.toSorted(byRule).filter((held) => {
    const { slot } = held;
    const resources = usesOf(held);
    const names = Object.keys(resources);
    const fits = names.every((name) => (used[name] ?? 0) + (resources[name] ?? 0) <= (allocatable[name] ?? 0));
    if (!fits && slot.state !== 'Claimed') return true;
    for (const name of names) used[name] = (used[name] ?? 0) + (resources[name] ?? 0);
    return false;
  });
}

function byRule(a: HeldSlot, b: HeldSlot): number {
  const left = { ...a.slot, uid: a.uid };
  return winner(left, { ...b.slot, uid: b.uid }) === left ? -1 : 1;
}
