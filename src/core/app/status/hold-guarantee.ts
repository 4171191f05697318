import { TAINT_RESERVED } from '../../../api/labels.ts';
import type { Slot } from '../../../api/reservation.ts';
import type { NodeFacts } from '../../facts/node-facts.ts';

/** What the app's slots are worth against pods that know nothing of slots. */
export interface HoldGuarantee {
  /** How many slots are on nodes that nobody else's pods may enter. */
  readonly guaranteed: number;
  /** How many are elsewhere: while the member's pod is away, another pod may take the room, and has to be preempted. */
  readonly bestEffort: number;
  /** For people; empty when there are no slots. */
  readonly message: string;
}

/** `nodes` by name; a node that is not known guarantees nothing. Slots that lost a conflict hold nothing and do not count. */
export function holdGuarantee(slots: readonly Slot[], nodes: ReadonlyMap<string, NodeFacts>): HoldGuarantee {
  const holding = slots.filter(({ state }) => state !== 'Conflicted');
  const open = holding.filter(({ node }) => !isSetAside(nodes.get(node)));
  const [guaranteed, bestEffort] = [holding.length - open.length, open.length];
  return { guaranteed, bestEffort, message: say(guaranteed, bestEffort, [...new Set(open.map(({ node }) => node))]) };
}

/** The taint keeps out whoever does not tolerate it; members do. */
function isSetAside(node: NodeFacts | undefined): boolean {
  return node?.taints.some(({ key, effect }) => key === TAINT_RESERVED && effect !== 'PreferNoSchedule') === true;
}

function say(guaranteed: number, bestEffort: number, open: readonly string[]): string {
  if (guaranteed + bestEffort === 0) return '';
  if (bestEffort === 0) return `the holds are guaranteed: their nodes have the taint ${TAINT_RESERVED}`;
  const names = open.length <= 3 ? open.join(', ') : `${open.slice(0, 3).join(', ')} and ${open.length - 3} more`;
  const advice = `taint the nodes with ${TAINT_RESERVED} to guarantee them`;
  if (guaranteed === 0) return `the holds are best effort (${names}): ${advice}`;
  return `${guaranteed} holds are guaranteed, ${bestEffort} are best effort (${names}): ${advice}`;
}
