import type { Slot } from '../../api/reservation.ts';
import type { Demand } from '../allocator/demand.ts';
import { wantsNodes } from '../allocator/wants-nodes.ts';
import { firstUnfilled } from '../backup/unfilled-claims.ts';
import { ordinalOf } from './member-name.ts';
import type { Situation } from './situation.ts';

export interface PodCount {
  readonly replicas: number;
  readonly launched: number;
}

/**
 * How many pods the StatefulSet should have now: up to the highest ordinal with a slot, or, when room lacks for long enough, all that
 * are asked for, so that an autoscaler sees the rest as unschedulable. It gets smaller by scale-in and suspend, and where pods are shown
 * in vain (see `inSight`); a member that lost its slot keeps its (refused) pod.
 */
export function podCount(situation: Situation, slots: readonly Slot[], demand: Demand | undefined): PodCount {
  const { app, livePods, launched } = situation;
  if (app.spec.suspend) return { replicas: 0, launched: Math.min(launched, app.spec.replicas) };
  if (livePods > app.spec.replicas) {
    const replicas = scaledIn(situation);
    return { replicas, launched: Math.min(launched, replicas) };
  }
  const slotted = new Set(slots.map((slot) => ordinalOf(app.metadata.name, slot.member) ?? -1));
  const highest = Math.max(-1, ...[...slotted].filter((ordinal) => ordinal < app.spec.replicas));
  const shown = capacityDue(situation, demand) ? highestAsked(demand) + 1 : 0;
  // A pod that is made before its claims are would get empty ones.
  const replicas = Math.max(
    inSight(situation, highest),
    Math.min(Math.max(highest + 1, shown), firstUnfilled(situation)),
  );
  return { replicas, launched: Math.min(replicas, Math.max(launched, slottedTogether(slotted))) };
}

/**
 * Pods that there are, less those at the end that were only made for an autoscaler to see, of an app that its framework's limit keeps back
 * by now: a node would be added for nothing. Only pods that never had a node, of members that were never launched.
 */
function inSight({ livePods, launched, members, facts }: Situation, highest: number): number {
  if (facts.decline?.reason !== 'FrameworkLimit') return livePods;
  const bound = members.flatMap(({ bound, ordinal }) => (bound ? [ordinal] : []));
  return Math.min(livePods, Math.max(launched, highest + 1, ...bound.map((ordinal) => ordinal + 1)));
}

/** One pod at a time where members hold data: each must be gone before the next one goes. */
function scaledIn({ app, livePods, members }: Situation): number {
  if (app.spec.volumeClaims.length === 0) return app.spec.replicas;
  const isLeaving = members.some((member) => member.ordinal >= livePods && member.pod !== undefined);
  return isLeaving ? livePods : Math.max(app.spec.replicas, livePods - 1);
}

function slottedTogether(ordinals: ReadonlySet<number>): number {
  let count = 0;
  while (ordinals.has(count)) count += 1;
  return count;
}

function highestAsked(demand: Demand | undefined): number {
  return Math.max(-1, ...(demand?.members ?? []).map((member) => member.ordinal));
}

function capacityDue(situation: Situation, demand: Demand | undefined): boolean {
  const at = capacityDueAt(situation, demand);
  return at !== undefined && at <= situation.now;
}

/** Epoch seconds at which a lack of room is shown as unschedulable pods; undefined: it will not be. */
export function capacityDueAt({ app, facts }: Situation, demand: Demand | undefined): number | undefined {
  const { mode, afterSeconds } = app.spec.capacityRequest;
  if (demand === undefined || facts.decline === undefined || mode === 'None') return undefined;
  return wantsNodes(facts.decline) ? demand.pendingSinceSeconds + afterSeconds : undefined;
}
