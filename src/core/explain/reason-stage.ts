import type { Reason } from '../../api/reasons.ts';

/** The stages of a decision about one member and one node, in the order in which they are asked. */
export const STAGE_NAMES = [
  'node',
  'selectors and taints',
  'resources',
  'volumes',
  'constraints',
  'framework',
] as const;
export type StageName = (typeof STAGE_NAMES)[number];

const STAGES: Readonly<Partial<Record<Reason, StageName>>> = {
  NoNodes: 'node',
  NodeNotReady: 'node',
  NodeCordoned: 'node',
  NodeTainted: 'selectors and taints',
  NodeSelectorMismatch: 'selectors and taints',
  NodeAffinityMismatch: 'selectors and taints',
  InsufficientCPU: 'resources',
  InsufficientMemory: 'resources',
  InsufficientEphemeralStorage: 'resources',
  InsufficientExtendedResource: 'resources',
  TooManyPods: 'resources',
  VolumePinnedElsewhere: 'volumes',
  VolumeTopologyMismatch: 'volumes',
  InsufficientPoolCapacity: 'volumes',
  VolumeTooLarge: 'volumes',
  TooManyAttachments: 'volumes',
  ProvisioningFailed: 'volumes',
  PoolNotFound: 'volumes',
  StorageClassNotFound: 'volumes',
  FrameworkLimit: 'framework',
  FrameworkGuarantee: 'framework',
  FrameworkNotFound: 'framework',
  PolicyDeclined: 'framework',
};

/** What is in no other stage has to do with where other members and pods are. */
export function stageOf(reason: Reason): StageName {
  return STAGES[reason] ?? 'constraints';
}

export interface StageCount {
  readonly stage: StageName;
  readonly reasons: readonly { readonly reason: Reason; readonly nodes: number }[];
}

/** How many nodes each reason keeps a member away from, by stage. A node counts under each of its reasons. */
export function countsByStage(nodesByReason: Readonly<Partial<Record<Reason, number>>>): readonly StageCount[] {
  const counts = Object.entries(nodesByReason).map(([reason, nodes]) => ({ reason: reason as Reason, nodes }));
  return STAGE_NAMES.map((stage) => ({
    stage,
    reasons: counts.filter(({ reason }) => stageOf(reason) === stage).toSorted((a, b) => b.nodes - a.nodes),
  })).filter(({ reasons }) => reasons.length > 0);
}
