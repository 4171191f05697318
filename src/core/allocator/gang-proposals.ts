import type { Reservation, Slot } from '../../api/reservation.ts';

/** What a Reservation should hold instead. Each is one write by compare-and-swap on the Reservation as it was found. */
export interface ProposalWrite {
  readonly reservation: Reservation;
  readonly slots: readonly Slot[];
  readonly committedDecisions: readonly string[];
}

/** Name of a decision over several apps: whose Reservation says whether it is committed, and what tells it from others. */
export function decisionId(lead: string, unique: string): string {
  return `${lead}/${unique}`;
}

/** Whether something of a decision over several apps is left to do here. */
export function isUnsettled({ spec }: Reservation): boolean {
  return spec.committedDecisions.length > 0 || spec.slots.some(({ state }) => state === 'Proposed');
}

/**
 * What is to be done about proposals that somebody left behind, with all Reservations of one namespace as they are. Proposals of a
 * committed decision become Held; all others are withdrawn; a commit that no proposal needs any more is forgotten. To be written in
 * this order, and no further than the first write that fails: the lead's proposals are withdrawn first, so that whoever made them
 * cannot commit them any more (its compare-and-swap fails), and a commit is forgotten in a later round, when all it is about is Held.
 */
export function settleProposals(reservations: readonly Reservation[]): readonly ProposalWrite[] {
  const committed = new Set(reservations.flatMap(({ spec }) => spec.committedDecisions));
  const proposed = new Set(reservations.flatMap(({ spec }) => spec.slots.filter(isProposed).map(decisionOf)));
  return reservations
    .flatMap((reservation) => settle(reservation, committed, proposed) ?? [])
    .toSorted((a, b) => Number(isLead(b.reservation)) - Number(isLead(a.reservation)));
}

/** The lead's Reservation with the decision committed, and its own slots Held by the same write. */
export function commitProposals(lead: Reservation, decision: string, others: readonly Reservation[]): ProposalWrite {
  const needed = new Set(others.flatMap(({ spec }) => spec.slots.filter(isProposed).map(decisionOf)));
  return {
    reservation: lead,
    slots: lead.spec.slots.map((slot) => (isProposed(slot) && slot.decision === decision ? held(slot) : slot)),
    committedDecisions: [...lead.spec.committedDecisions.filter((id) => needed.has(id)), decision],
  };
}

/** Whether exactly these members are proposed by the decision, so that it may be committed. */
export function isProposedWhole(reservation: Reservation, decision: string, members: readonly string[]): boolean {
  const there = reservation.spec.slots.filter((slot) => isProposed(slot) && slot.decision === decision);
  const found = new Set(there.map(({ member }) => member));
  return found.size === members.length && members.every((member) => found.has(member));
}

function settle(
  reservation: Reservation,
  committed: ReadonlySet<string>,
  proposed: ReadonlySet<string>,
): ProposalWrite | undefined {
  const { slots, committedDecisions } = reservation.spec;
  const kept = slots.filter((slot) => !isProposed(slot) || committed.has(slot.decision));
  const settled = kept.map((slot) => (isProposed(slot) ? held(slot) : slot));
  const needed = committedDecisions.filter((id) => proposed.has(id));
  const isSame = needed.length === committedDecisions.length && !slots.some(isProposed);
  return isSame ? undefined : { reservation, slots: settled, committedDecisions: needed };
}

/** Whether a proposal of its own names it as the one that commits. */
function isLead({ spec }: Reservation): boolean {
  return spec.slots.some((slot) => isProposed(slot) && slot.decision.startsWith(decisionId(spec.app.name, '')));
}

function isProposed({ state }: Slot): boolean {
  return state === 'Proposed';
}

function decisionOf({ decision }: Slot): string {
  return decision;
}

function held(slot: Slot): Slot {
  return { ...slot, state: 'Held' };
}
