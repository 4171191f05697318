import type { MemberNeed } from '../placement/member-need.ts';
import type { PlacedMember } from '../placement/place-gang.ts';

/**
 * Of one app that was refused the members that must have places too before it may start, beside those that fitted and the blocked one. By
 * ordinal. `blocked` may be of another app of its gang.
 */
export function alsoLacking(
  needs: readonly MemberNeed[],
  { blocked, beside }: { readonly blocked: MemberNeed; readonly beside: readonly PlacedMember[] },
  minMembers: number,
): readonly MemberNeed[] {
  const fitted = new Set(beside.map(({ need }) => need));
  const rest = needs.filter((need) => need !== blocked && !fitted.has(need));
  const missing = Math.max(1, minMembers) - fitted.size - (needs.includes(blocked) ? 1 : 0);
  return rest.toSorted((a, b) => a.demand.ordinal - b.demand.ordinal).slice(0, Math.max(0, missing));
}
