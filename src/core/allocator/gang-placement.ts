import type { MemberNeed } from '../placement/member-need.ts';
import type { PlacedMember } from '../placement/place-gang.ts';
import { type SeatingApp, seatGang } from '../placement/seat-gang.ts';
import type { Seated } from '../placement/seat-search.ts';

/** One list of places for each app: of all who must start and more; or of those beside which the blocked member found none. */
export type AppsOutcome =
  | { readonly kind: 'placed'; readonly placed: readonly (readonly PlacedMember[])[] }
  | {
      readonly kind: 'refused';
      readonly app: number;
      readonly blocked: MemberNeed;
      readonly beside: readonly (readonly PlacedMember[])[];
      /** Every arrangement of those who must start was tried. */
      readonly isWhole: boolean;
      /** Placements that were tried. */
      readonly steps: number;
    };

/** Places several apps together, whole or not at all; see seatGang. */
export function placeApps(apps: readonly SeatingApp[]): AppsOutcome {
  const outcome = seatGang(apps);
  if (outcome.kind === 'placed') return { kind: 'placed', placed: byApp(apps, outcome.placed) };
  const { blocked, beside, isWhole, steps } = outcome;
  return { kind: 'refused', app: blocked.app, blocked: blocked.need, beside: byApp(apps, beside), isWhole, steps };
}

function byApp(apps: readonly SeatingApp[], placed: readonly Seated[]): readonly (readonly PlacedMember[])[] {
  const lists: PlacedMember[][] = apps.map(() => []);
  for (const { seat, row } of placed) lists[seat.app]?.push({ need: seat.need, row });
  return lists;
}
