import type { MemberNeed } from '../placement/member-need.ts';
import type { GangOutcome } from '../placement/place-gang.ts';

/** Of a refused gang the members that must have places too before it may start, beside those that fitted and the blocked one. By ordinal. */
export function alsoLacking(
  needs: readonly MemberNeed[],
  { blocked, beside }: Pick<Extract<GangOutcome, { kind: 'refused' }>, 'blocked' | 'beside'>,
  minMembers: number,
): readonly MemberNeed[] {
  const fitted = new Set(beside.map(({ need }) => need));
  const rest = needs.filter((need) => need !== blocked && !fitted.has(need));
  const missing = Math.max(1, minMembers) - fitted.size - 1;
  return rest.toSorted((a, b) => a.demand.ordinal - b.demand.ordinal).slice(0, Math.max(0, missing));
}
