import type { Reason } from '../../api/reasons.ts';
import type { AppPlacement } from '../placement/app-placement.ts';
import type { MemberNeed } from '../placement/member-need.ts';

const LACKS_OF_ROOM: ReadonlySet<string> = new Set<Reason>([
  'InsufficientCPU',
  'InsufficientMemory',
  'InsufficientEphemeralStorage',
  'InsufficientExtendedResource',
  'TooManyPods',
]);

/** Whether room on the node is what lacks: what may come when somebody goes. */
export function isLackOfRoom(reason: string): boolean {
  return LACKS_OF_ROOM.has(reason);
}

/**
 * The node that the member would go to if members of apps went from it, where least must go: the smallest sum of what lacks over what
 * the node has; among equals the first by name. Nodes that refuse it for anything but room are none, nor those where what lacks is more
 * than members of apps hold. Looks at every node that the rules allow.
 */
export function nearestRow(placement: AppPlacement, need: MemberNeed): number | undefined {
  const { names } = placement.run.view.nodeTable;
  let best: number | undefined;
  let bestLack = Number.POSITIVE_INFINITY;
  for (const row of placement.rules.eligible()) {
    const lack = lackOf(placement, need, row);
    if (lack > bestLack || lack === Number.POSITIVE_INFINITY) continue;
    if (lack === bestLack && (names[row] ?? '') > (names[best ?? row] ?? '')) continue;
    if (!refusesForRoomOnly(placement, need, row) || !couldBeFreed(placement, need, row)) continue;
    best = row;
    bestLack = lack;
  }
  return best;
}

/** Infinity: it could not have that even if it were empty. */
function lackOf({ run }: AppPlacement, { amount }: MemberNeed, row: number): number {
  const { allocatable, stride } = run.view.nodeTable;
  let sum = 0;
  for (const [i, column] of amount.columns.entries()) {
    const total = allocatable[row * stride + column] ?? 0;
    const needed = amount.values[i] ?? 0;
    if (needed > total) return Number.POSITIVE_INFINITY;
    if (needed > 0) sum += Math.max(0, needed - run.scratch.freeAt(row, column)) / total;
  }
  return sum;
}

function refusesForRoomOnly(placement: AppPlacement, need: MemberNeed, row: number): boolean {
  let roomOnly = true;
  placement.tell(row, need, (reason) => {
    if (!isLackOfRoom(reason)) roomOnly = false;
  });
  return roomOnly;
}

/** What is set aside there already is not counted as free, nor as held by anybody: so it is not given twice. */
function couldBeFreed({ run }: AppPlacement, { amount }: MemberNeed, row: number): boolean {
  const held = new Float64Array(run.view.nodeTable.stride);
  for (const { resources } of run.view.members.slotsOn(row)) {
    const slot = run.view.nodeTable.columns.amount(resources);
    for (const [i, column] of slot.columns.entries()) held[column] = (held[column] ?? 0) + (slot.values[i] ?? 0);
  }
  return amount.columns.every(
    (column, i) => run.scratch.freeAt(row, column) + (held[column] ?? 0) >= (amount.values[i] ?? 0),
  );
}
