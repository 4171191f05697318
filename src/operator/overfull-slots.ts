import { winner } from '../core/allocator/slot-conflict.ts';
import type { HeldSlot } from '../core/facts/held-slot.ts';
import type { Resources } from '../core/resources/resources.ts';

/**
 * The slots of one node that must give way because two leaders promised the same room: walked in the order of the conflict rule, what
 * does not fit into `allocatable` beside the better ones. A claimed slot never gives way, since its pod is there.
 */
export function overfullSlots(slots: readonly HeldSlot[], allocatable: Resources): readonly HeldSlot[] {
  const used: Record<string, number> = {};
  const losers: HeldSlot[] = [];
  for (const held of [...slots].sort(byRule)) {
    const fits = Object.entries(held.resources).every(
      ([name, amount]) => amount === 0 || (used[name] ?? 0) + amount <= (allocatable[name] ?? 0),
    );
    if (!fits && held.slot.state === 'Held') {
      losers.push(held);
      continue;
    }
    for (const [name, amount] of Object.entries(held.resources)) used[name] = (used[name] ?? 0) + amount;
  }
  return losers;
}

function byRule(a: HeldSlot, b: HeldSlot): number {
  const [left, right] = [
    { ...a.slot, uid: a.uid },
    { ...b.slot, uid: b.uid },
  ];
  return winner(left, right) === left ? -1 : 1;
}
