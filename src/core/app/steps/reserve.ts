import type { Slot } from '../../../api/reservation.ts';
import type { Demand, GangRef, MemberDemand, PlacementRules } from '../../allocator/demand.ts';
import { unfilledMembers } from '../../backup/unfilled-claims.ts';
import { isSoughtByMove, nodesOfMove } from '../../operations/slot-on-the-move.ts';
import { isLettingGo } from '../../recovery/rebuild.ts';
import { gangMinimum, gangOf } from '../gang.ts';
import { wantedRequests } from '../kept-slots.ts';
import { memberPods } from '../member-pods.ts';
import { placementRules, volumeDemands } from '../placement-rules.ts';
import { parseTime } from '../rfc3339.ts';
import type { Member, Situation } from '../situation.ts';
import { blockedByStaleVolume } from '../stale-volume.ts';
import { type Answer, DONE, type Operation, type Step } from './step.ts';

/** Asks for slots for the members that have none: lost members one by one, new ones as their gang says, maybe with other apps. */
export const reserve: Step = {
  name: 'reserve',
  run: ({ situation, slots }) => {
    // Pods that are adopted run where they run.
    if (situation.app.spec.suspend || situation.adoption.kind === 'adopting') return DONE;
    const unfilled = unfilledMembers(situation);
    const blocked = new Set([...blockedByStaleVolume(situation), ...unfilled]);
    const slotted = new Set(slots.map((slot) => slot.member));
    const missing = situation.members.filter(
      ({ wanted, name }) => wanted && !slotted.has(name) && !isLettingGo(situation.rebuilds.get(name)),
    );
    const placeable = missing.filter((member) => !blocked.has(member));
    // That they wait for their content is said by the restore step.
    if (missing.every((member) => unfilled.has(member))) return DONE;
    const lost = placeable.filter((member) => member.ordinal < Math.min(situation.launched, situation.livePods));
    const isDrain = situation.drain !== undefined && lost.every((member) => isSoughtByMove(member, situation));
    if (lost.length > 0)
      return asking(isDrain ? 'Drain' : 'Replace', { members: lost, minMembers: 1, gang: undefined }, situation, slots);
    return launching(missing, placeable, situation, slots);
  },
};

/** New members start with their gang: what still lacks of `gang.minMembers`, one at least. */
function launching(
  missing: readonly Member[],
  placeable: readonly Member[],
  situation: Situation,
  slots: readonly Slot[],
): Answer {
  const placed = slots.filter((slot) => isWanted(slot, situation)).length;
  const lacking = gangMinimum(situation.app) - placed;
  const needed = Math.max(1, lacking);
  const type = situation.launched === 0 ? 'Launch' : 'ScaleOut';
  // Beyond its minimum an app goes on for itself.
  const gang = lacking > 0 ? gangOf(situation.app) : undefined;
  if (needed <= placeable.length)
    return asking(type, { members: placeable, minMembers: needed, gang }, situation, slots);
  const stale = missing.length - placeable.length;
  return waiting({
    type,
    progress: progress(situation, slots),
    blockedBy: 'StaleVolume',
    message: `${stale} of ${missing.length} members to place ${stale === 1 ? 'has' : 'have'} an old volume that may not be used, and ${needed} must start together`,
  });
}

/** Who asks for a place, and who must get it together. */
interface Asked {
  readonly members: readonly Member[];
  readonly minMembers: number;
  readonly gang: GangRef | undefined;
}

function asking(type: string, asked: Asked, situation: Situation, slots: readonly Slot[]): Answer {
  const { decline } = situation.facts;
  const names = asked.members.map((member) => member.name);
  const message = decline?.message ?? `looks for a place for ${shortList(names)}`;
  const operation = { type, progress: progress(situation, slots), blockedBy: decline?.reason ?? '', message };
  return { ...waiting(operation), demand: demandFor(asked, situation, slots) };
}

function waiting(operation: Operation): Answer {
  return { state: 'waiting', operation: { ...operation, message: operation.message.slice(0, 1024) } };
}

function demandFor({ members, minMembers, gang }: Asked, situation: Situation, slots: readonly Slot[]): Demand {
  const { app, facts, now } = situation;
  const { namespace, name, uid } = app.metadata;
  return {
    app: { namespace, name, uid },
    framework: app.spec.framework,
    priority: 0,
    pendingSinceSeconds: pendingSince(situation) ?? now,
    members: members.map((member) => memberDemand(member, situation)),
    minMembers,
    rules: rulesOf(situation),
    pods: memberPods(app, facts.statefulSet),
    placed: slots.map(({ member, node }) => ({ member, node })),
    ...(gang === undefined ? {} : { gang }),
  };
}

/** While a member is moved while it runs, only the nodes that it may move to will do. */
function rulesOf(situation: Situation): PlacementRules {
  const rules = placementRules(situation.facts);
  const only = nodesOfMove(situation);
  if (only === undefined) return rules;
  const terms = rules.nodeAffinityTerms ?? [[]];
  return { ...rules, nodeAffinityTerms: terms.map((term) => [...term, only]) };
}

function memberDemand(member: Member, situation: Situation): MemberDemand {
  return {
    member: member.name,
    ordinal: member.ordinal,
    requests: wantedRequests(member, situation) ?? {},
    volumes: volumeDemands(member, situation),
    previousNode: previousNode(member, situation),
  };
}

/** Where the member was, by its slot, its status or where its volume was to be made. */
function previousNode(member: Member, { app }: Situation): string {
  const known = app.status?.members.find((status) => status.name === member.name)?.node ?? '';
  const selected = member.claims.map((claim) => claim.selectedNode).find((node) => node !== '');
  return member.slot?.node ?? (known || (selected ?? ''));
}

/** Since when members wait for a place, in epoch seconds; undefined when none did so far. */
export function pendingSince({ app }: Situation): number | undefined {
  return parseTime(app.status?.offers.pendingSince);
}

function progress(situation: Situation, slots: readonly Slot[]): string {
  return `${slots.filter((slot) => isWanted(slot, situation)).length}/${situation.app.spec.replicas}`;
}

function isWanted(slot: Slot, { members }: Situation): boolean {
  return members.some((member) => member.name === slot.member && member.wanted);
}

function shortList(names: readonly string[]): string {
  return names.length <= 4 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
