import type { Reason } from '../../api/reasons.ts';

/** What a refusal lacks, when it can be measured. `what` is a resource name; amounts in its unit. */
export interface Measure {
  readonly what: string;
  readonly needed: number;
  readonly free: number;
}

/** Takes a refusal; its words are made only for nodes that are shown. Without one a stage only answers yes or no, at once: that is the fast path over thousands of nodes. */
export type Tell = (reason: Reason, message: () => string, measure?: Measure) => void;
