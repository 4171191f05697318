import type { AcceptedSlot, Decline, Refusal } from '../core/allocator/decision.ts';
import type { AppRef, Demand, MemberDemand } from '../core/allocator/demand.ts';
import { formatTime } from '../core/app/rfc3339.ts';
import { withPod } from '../core/facts/held-slot.ts';
import { isLackOfRoom } from '../core/fairness/nearest-row.ts';
import type { Resources } from '../core/resources/resources.ts';
import { add, fits } from '../core/resources/vector.ts';
import { objectKey } from '../kube/kube-object.ts';

/** What is kept for a claimant. Times are epoch seconds. */
export interface KeptRoom {
  readonly app: AppRef;
  readonly framework: string;
  readonly places: readonly AcceptedSlot[];
  readonly sinceSeconds: number;
  /** The room is the claimant's no longer than that. */
  readonly untilSeconds: number;
}

/** What is kept on one node for one claimant. */
interface SetAside {
  readonly node: string;
  readonly room: KeptRoom;
}

/** What would be free on a node if so much were given back that counts as taken there. */
type FreeOn = (node: string, returned: Resources) => Resources;

/**
 * The decline of an app that lacks nothing but the room that is kept for somebody else's guarantee, with whose that is and until when.
 * The resource view counts such room as taken, so the decline alone would say that nothing is free on a node where anybody sees some.
 */
export function withSetAside(
  decline: Decline,
  demand: Demand | undefined,
  rooms: readonly KeptRoom[],
  freeOn: FreeOn,
): Decline {
  const member = demand?.members.find((one) => one.member === decline.refusals[0]?.member) ?? demand?.members[0];
  if (member === undefined) return decline;
  const found = nodesOf(rooms).filter((one) => isAllThatLacks(one, decline) && hasRoom(one, { member, rooms, freeOn }));
  const [first] = found;
  if (first === undefined) return decline;
  const nodes = new Map(found.map((one) => [one.node, one]));
  const where = nodes.size === 1 ? first.node : `${first.node} and ${nodes.size - 1} more nodes`;
  const refusals = [...nodes.values()].map((one): Refusal => {
    return { node: one.node, member: member.member, reason: 'Earmarked', message: keptFor(one.room) };
  });
  return {
    ...decline,
    reason: 'Earmarked',
    message: `${where} would have room, and is ${keptFor(first.room)}; ${decline.message}`,
    nodesByReason: { ...decline.nodesByReason, Earmarked: nodes.size },
    refusals: [...refusals, ...decline.refusals],
  };
}

/** Times, and no spans: the words stay the same while nothing changes. */
function keptFor({ app, framework, sinceSeconds, untilSeconds }: KeptRoom): string {
  const whose = `${objectKey(app.namespace, app.name)} of framework ${framework}, whose guarantee comes back`;
  return `set aside for ${whose}: since ${formatTime(sinceSeconds)}, until ${formatTime(untilSeconds)} at the latest`;
}

function nodesOf(rooms: readonly KeptRoom[]): readonly SetAside[] {
  return rooms.flatMap((room) => [...new Set(room.places.map(({ node }) => node))].map((node) => ({ node, room })));
}

function isAllThatLacks({ node }: SetAside, { refusals }: Decline): boolean {
  const there = refusals.filter((refusal) => refusal.node === node);
  return there.length > 0 && there.every(({ reason }) => isLackOfRoom(reason));
}

/** Whether the member would fit there, were nothing kept: those who are to go may still be there. */
function hasRoom(
  { node }: SetAside,
  asked: { readonly member: MemberDemand; readonly rooms: readonly KeptRoom[]; readonly freeOn: FreeOn },
): boolean {
  const places = asked.rooms.flatMap((room) => room.places.filter((place) => place.node === node));
  const kept = places.reduce<Resources>((sum, { resources }) => add(sum, withPod(resources)), {});
  return fits(withPod(asked.member.requests), asked.freeOn(node, kept)).length === 0;
}
