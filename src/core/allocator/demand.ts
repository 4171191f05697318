import type { CONSTRAINT_OPERATORS, POLICY_NAMES } from '../../api/placement.ts';
import type { Resources } from '../resources/resources.ts';
import type { MemberPods } from '../facts/member-pods.ts';
import type { Taint } from '../facts/node-facts.ts';

/** An app by identity. `uid` tells a re-created app of the same name from the old one. */
export interface AppRef {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** One volume that a member brings or needs. `claim` is the PVC's name. */
export interface VolumeDemand {
  readonly claim: string;
  /** The StoragePool, empty when the app names a class directly. */
  readonly pool: string;
  readonly storageClassName: string;
  readonly bytes: number;
}

/** A member that wants a slot. `previousNode` is where it last was, empty when it never ran. */
export interface MemberDemand {
  readonly member: string;
  readonly ordinal: number;
  readonly requests: Resources;
  readonly volumes: readonly VolumeDemand[];
  readonly previousNode: string;
}

export interface Constraint {
  readonly key: string;
  readonly operator: (typeof CONSTRAINT_OPERATORS)[number];
  readonly value?: string | undefined;
}

export interface WeightedPolicy {
  readonly name: (typeof POLICY_NAMES)[number];
  readonly weight: number;
}

export interface Toleration {
  readonly key?: string | undefined;
  readonly operator?: 'Exists' | 'Equal' | undefined;
  readonly value?: string | undefined;
  readonly effect?: Taint['effect'] | undefined;
}

/** A requirement of nodeAffinity, as Kubernetes writes it. */
export interface NodeRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  readonly values: readonly string[];
}

/** Where members may go. `nodeAffinityTerms` undefined: anywhere; otherwise one term must match whole (requiredDuringScheduling). */
export interface PlacementRules {
  readonly constraints: readonly Constraint[];
  readonly policies: readonly WeightedPolicy[];
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly nodeAffinityTerms: readonly (readonly NodeRequirement[])[] | undefined;
  readonly tolerations: readonly Toleration[];
}

/** Several apps that start together: their demands are served as one, or none of them is. */
export interface GangRef {
  /** Equal for the demands of one gang. */
  readonly key: string;
  /** Names of its apps, all of one namespace, each once. */
  readonly apps: readonly string[];
  /** The first of them. */
  readonly lead: string;
}

/**
 * The members of one app that want slots now. A gang is placed whole or not at all: of `members`, at least `minMembers` must be
 * placed in this decision or none is (already counted: what `placed` holds). Times are epoch seconds.
 */
export interface Demand {
  readonly app: AppRef;
  readonly framework: string;
  readonly priority: number;
  readonly pendingSinceSeconds: number;
  readonly members: readonly MemberDemand[];
  readonly minMembers: number;
  readonly rules: PlacementRules;
  /** Members that have a slot already: they count for constraints and spreading. */
  readonly placed: readonly { readonly member: string; readonly node: string }[];
  /** At launch and scale-out of an app that starts together with others. Absent: for itself. */
  readonly gang?: GangRef | undefined;
  /** What other pods and these have to do with each other; absent: nothing is known of it, and nothing checked. */
  readonly pods?: MemberPods | undefined;
}
