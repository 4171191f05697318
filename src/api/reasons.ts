import { PLACEMENT_REASONS } from './placement-reasons.ts';
import { SPEC_REASONS } from './spec-reasons.ts';

/**
 * Why something is refused or waits: one closed list, the same words in conditions, events, metric labels, `failedNodes` and
 * the command line. Adding one to either part makes the compiler name every place that must know it.
 */
export const REASONS = { ...PLACEMENT_REASONS, ...SPEC_REASONS } as const;

export type Reason = keyof typeof REASONS;

export function isReason(word: string): word is Reason {
  return Object.hasOwn(REASONS, word);
}
