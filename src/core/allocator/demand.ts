import type { Resources } from '../resources/resources.ts';
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
  readonly operator: 'Unique' | 'Cluster' | 'GroupBy' | 'Like' | 'Unlike' | 'MaxPer' | 'Is' | 'IsNot';
  readonly value?: string | undefined;
}

export interface WeightedPolicy {
  readonly name: 'spread' | 'pack' | 'headroom' | 'locality' | 'stickiness' | 'gpu-shy';
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
}
