import type { Reason } from '../../api/reasons.ts';
import type { Change } from '../explain/change.ts';
import type { Resources } from '../resources/resources.ts';
import type { AppRef, VolumeDemand } from './demand.ts';

/** One member accepted onto one node. The writer adds state, epoch and times. */
export interface AcceptedSlot {
  readonly member: string;
  readonly node: string;
  readonly zone: string;
  readonly resources: Resources;
  readonly volumes: readonly (VolumeDemand & { readonly pinned: boolean })[];
}

/** Why one node was refused for one member: the stage, the reason of api/reasons.ts, and one sentence with numbers. */
export interface Refusal {
  readonly node: string;
  readonly member: string;
  readonly reason: Reason;
  readonly message: string;
}

/** A demand that found no place. */
export type Decline = Extract<Decision, { kind: 'decline' }>;

/** `message` is one sentence for people ("0 of 3 nodes fit …"), `nodesByReason` counts nodes per reason for the first member that did not fit. */
export type Decision =
  | { readonly kind: 'accept'; readonly app: AppRef; readonly slots: readonly AcceptedSlot[] }
  | {
      readonly kind: 'decline';
      readonly app: AppRef;
      readonly reason: Reason;
      readonly message: string;
      readonly nodesByReason: Readonly<Partial<Record<Reason, number>>>;
      /** The nearest nodes only, when there are many (see explain/explain-member.ts). */
      readonly refusals: readonly Refusal[];
      /** The smallest change that would fit, in a few words for people; absent when none is known. */
      readonly smallestChange?: string;
      /** The same for programs. */
      readonly changes?: readonly Change[];
      /** False: no new node would change it, whatever the reason says in general (see wants-nodes.ts). */
      readonly wantsNodes?: boolean;
    };

/** A leaf or inner node of the tenant tree, as the allocator needs it (from Framework objects). */
export interface Tenant {
  readonly name: string;
  readonly parent: string | undefined;
  readonly weight: number;
  readonly guarantee: Resources;
  readonly lendingLimit: Resources;
  readonly limit: Resources;
  readonly revocable: boolean;
  /** After how long without room nodes are set aside for its waiting app. */
  readonly starvationSeconds: number;
}
