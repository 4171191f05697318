import type { Reason } from '../../api/reasons.ts';
import type { Admission } from './ledger.ts';

/**
 * The answer to a filter request. `nodes`: exactly these stay, the others are left out, which kube-scheduler takes as "no, and
 * preemption does not help". `refused`: none stays, for one reason. Both are answers with status 200.
 */
export type FilterAnswer =
  | { readonly kind: 'nodes'; readonly nodes: readonly string[] }
  | {
      readonly kind: 'refused';
      readonly reason: Reason;
      readonly message: string;
      /** Whether the pod would fit if pods that were let through before it land elsewhere: it may ask again soon. */
      readonly forNow: boolean;
    };

/** `admission` is for the ledger; undefined when nothing was promised. */
export interface FilterDecision {
  readonly answer: FilterAnswer;
  readonly admission: Admission | undefined;
}
