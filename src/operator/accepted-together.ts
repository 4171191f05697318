import type { Decision } from '../core/allocator/decision.ts';
import type { Demand } from '../core/allocator/demand.ts';

export type Accept = Extract<Decision, { kind: 'accept' }>;

/** Slots that one log entry names. */
const LOGGED_SLOTS = 10;

/** What was accepted, apps of one gang together, the lead first: as they were decided. */
export function acceptedTogether(
  decisions: readonly Decision[],
  demands: readonly Demand[],
): readonly (readonly Accept[])[] {
  const gangOf = new Map(
    demands.flatMap(({ app, gang }) => (gang === undefined ? [] : [[app.uid, gang.key] as const])),
  );
  const units = new Map<string, Accept[]>();
  for (const decision of decisions) {
    if (decision.kind === 'decline') continue;
    const key = gangOf.get(decision.app.uid) ?? decision.app.uid;
    const unit = units.get(key);
    if (unit === undefined) units.set(key, [decision]);
    else unit.push(decision);
  }
  return [...units.values()];
}

/** For the log. */
export function placesOf(slots: Accept['slots']): readonly string[] {
  const named = slots.slice(0, LOGGED_SLOTS).map(({ member, node }) => `${member} on ${node}`);
  return slots.length > LOGGED_SLOTS ? [...named, `and ${slots.length - LOGGED_SLOTS} more`] : named;
}
