import type { PlacementRules } from '../allocator/demand.ts';

/** A demand that waits brings the same rules again and again. */
const KNOWN = new WeakMap<PlacementRules, string>();

/** Equal for equal rules. */
export function rulesKey(rules: PlacementRules): string {
  let key = KNOWN.get(rules);
  if (key === undefined) {
    const { constraints, nodeSelector, nodeAffinityTerms, tolerations, policies } = rules;
    key = JSON.stringify([constraints, nodeSelector, nodeAffinityTerms ?? null, tolerations, policies]);
    KNOWN.set(rules, key);
  }
  return key;
}
