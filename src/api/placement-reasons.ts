import type { ReasonText } from './reason-text.ts';

/** Why a member does not get a place, or its pod does not get to it: a node, the cluster, the share of a Framework, somebody else's slot. */
export const PLACEMENT_REASONS = {
  NodeNotReady: {
    title: 'the node is not ready',
    advice: 'Look at the node with kubectl describe node; its members return when it is ready again.',
  },
  NodeCordoned: {
    title: 'the node is cordoned',
    advice: 'Uncordon the node (kubectl uncordon), or add another one.',
  },
  NodeTainted: {
    title: 'the node has a taint that the app does not tolerate',
    advice: 'Add a toleration to spec.template.spec.tolerations, or remove the taint from the node.',
  },
  NodeSelectorMismatch: {
    title: 'the node lacks a label of the nodeSelector',
    advice: 'Label a node, or change spec.template.spec.nodeSelector.',
  },
  NodeAffinityMismatch: {
    title: 'the node does not match the required node affinity',
    advice: 'Label a node, or change spec.template.spec.affinity.nodeAffinity.',
  },
  PodAffinityMismatch: {
    title: 'the pods that the podAffinity looks for are not near the node',
    advice: 'Start those pods where there is room, or change spec.template.spec.affinity.podAffinity.',
  },
  PodAntiAffinityMismatch: {
    title: 'a pod near the node and the member keep apart by podAntiAffinity',
    advice: 'Add a node away from those pods, or change the podAntiAffinity of the member or of them.',
  },
  TopologySpreadMismatch: {
    title: 'the member would make the pods uneven beyond what topologySpreadConstraints allow',
    advice:
      'Add a node where fewest of the pods are, or raise maxSkew in spec.template.spec.topologySpreadConstraints.',
  },
  HostPortTaken: {
    title: 'another pod has the host port on the node',
    advice: 'Add a node, or use another hostPort in the template.',
  },
  InsufficientCPU: {
    title: 'too little CPU is free on the node',
    advice: 'Lower the CPU requests of the template, free some, or add a larger node.',
  },
  InsufficientMemory: {
    title: 'too little memory is free on the node',
    advice: 'Lower the memory requests of the template, free some, or add a larger node.',
  },
  InsufficientEphemeralStorage: {
    title: 'too little ephemeral storage is free on the node',
    advice: 'Lower the ephemeral-storage requests of the template, or add a node with a larger disk.',
  },
  TooManyPods: {
    title: 'the node runs as many pods as it may',
    advice: "Add a node, or raise the kubelet's maxPods.",
  },
  InsufficientExtendedResource: {
    title: 'too little of an extended resource is free on the node',
    advice: 'Lower the request for it in the template, or add a node that has more.',
  },
  VolumePinnedElsewhere: {
    title: "the member's volume can be reached only from another node",
    advice: 'Make room on the node that has the volume; the data stays where it is.',
  },
  VolumeTopologyMismatch: {
    title: 'the storage cannot make or reach volumes from the node',
    advice: "Use a pool that serves the node's zone, or add a node where the pool is.",
  },
  InsufficientPoolCapacity: {
    title: 'too little is free in the storage pool there',
    advice: 'Enlarge the pool, ask for smaller volumes, or use another pool.',
  },
  VolumeTooLarge: {
    title: 'the volume is larger than the driver can make there',
    advice: 'Ask for a smaller volume, or use another pool.',
  },
  TooManyAttachments: {
    title: 'no more volumes can be attached to the node',
    advice: 'Add a node, or use a node type that attaches more volumes.',
  },
  ProvisioningFailed: {
    title: 'the driver could not make a volume there a short time ago',
    advice: 'Look at the events of the claim; the node is tried again after a while.',
  },
  ConstraintUnique: {
    title: 'another member has the same value, and it must be unique',
    advice: 'Add a node with another value, use fewer replicas, or use MaxPer.',
  },
  ConstraintCluster: {
    title: 'the node has not the value that all members share',
    advice: 'Make room where the other members are, or remove the Cluster constraint.',
  },
  ConstraintGroupBy: {
    title: 'the member would make the groups uneven',
    advice: 'Add a node in the group that has fewest members, or remove the GroupBy constraint.',
  },
  ConstraintLike: {
    title: "the node's value does not match the expression",
    advice: 'Label a node, or change the expression of the Like constraint.',
  },
  ConstraintUnlike: {
    title: "the node's value matches the expression that it must not match",
    advice: 'Add a node with another value, or change the expression of the Unlike constraint.',
  },
  ConstraintMaxPer: {
    title: 'as many members as allowed have the same value',
    advice: 'Add a node with another value, use fewer replicas, or raise the value of MaxPer.',
  },
  ConstraintIs: {
    title: 'the node has not the value that it must have',
    advice: 'Label a node, or change the Is constraint.',
  },
  ConstraintIsNot: {
    title: 'the node has the value that it must not have',
    advice: 'Add a node with another value, or change the IsNot constraint.',
  },
  FrameworkLimit: {
    title: 'the framework is at its limit',
    advice: 'Raise spec.limit of the Framework, or stop another of its apps.',
  },
  FrameworkGuarantee: {
    title: 'what is free is guaranteed to other frameworks',
    advice: "Add nodes, or lower other frameworks' guarantees or let them lend more.",
  },
  Earmarked: {
    title: 'what is free on the node is set aside for an app that has waited too long',
    advice: 'Wait until that app has its place, add nodes, or raise spec.starvationSeconds of its Framework.',
  },
  PolicyDeclined: {
    title: 'the framework declined the offer',
    advice: "Look at the framework's own scheduler for its reason.",
  },
  GangIncomplete: {
    title: 'not enough members of the gang have a place, so none starts',
    advice:
      'Create the apps that the gang names and lacks, add nodes, use fewer replicas, or lower spec.gang.minMembers.',
  },
  NoNodes: {
    title: 'the cluster has no nodes',
    advice: 'Add a node.',
  },
  NoSlot: {
    title: 'the member has no slot yet',
    advice: 'Nothing to do for the pod: its app says in status.offers what it waits for.',
  },
  HeldByOthers: {
    title: 'what is free on the node is held for members of other apps',
    advice: 'Add nodes, or look at kubectl get rsv for who holds it.',
  },
  HeldElsewhere: {
    title: "the member's slot is on another node",
    advice: 'Nothing to do: the pod goes to its slot.',
  },
  OfferStale: {
    title: 'the node changed while the offer was being accepted',
    advice: 'Nothing to do: the member is offered again.',
  },
  OwnerUnresolved: {
    title: "the pod carries a member's labels, and no PersistentApp owns it",
    advice: 'Remove the proffer.dev labels from pods that you make yourself.',
  },
} as const satisfies Readonly<Record<string, ReasonText>>;
