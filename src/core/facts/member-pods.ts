import type { LabelSelector, Labels } from './label-selector.ts';
import type { HostPort, PodTerm } from './pod-term.ts';

/** One topologySpreadConstraint with DoNotSchedule. */
export interface SpreadRule {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly selector: LabelSelector | undefined;
  /** Whether nodes that the pod's selector and affinity leave out are left out of the count. */
  readonly honorsAffinity: boolean;
  /** The same for nodes with taints that the pod does not tolerate. */
  readonly honorsTaints: boolean;
}

/** What kube-scheduler will see of an app's pods when it looks at them beside other pods. */
export interface MemberPods {
  readonly namespace: string;
  /** Those that all members have; each adds its own (see memberLabels). */
  readonly labels: Labels;
  readonly affinity: readonly PodTerm[];
  readonly antiAffinity: readonly PodTerm[];
  readonly spread: readonly SpreadRule[];
  readonly hostPorts: readonly HostPort[];
}

/** Labels that differ from member to member, as the StatefulSet controller sets them. */
export const MEMBER_LABELS: ReadonlySet<string> = new Set([
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
]);

/** All labels that the pod of this member will have. */
export function memberLabels({ labels }: MemberPods, member: string): Labels {
  return {
    ...labels,
    'statefulset.kubernetes.io/pod-name': member,
    'apps.kubernetes.io/pod-index': member.slice(member.lastIndexOf('-') + 1),
  };
}
