/** What a reason means in a few words, and what a person can do about it. Messages add the numbers. */
export interface ReasonText {
  readonly title: string;
  readonly advice: string;
}

/**
 * Why something is refused or waits: one closed list, the same words in conditions, events, metric labels, `failedNodes` and
 * the command line. Adding one here makes the compiler name every place that must know it.
 */
export const REASONS = {
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
  GuaranteeTooLarge: {
    title: 'the framework is guaranteed more than the one above it',
    advice: 'Lower spec.guarantee of the Framework, or raise that of its parent.',
  },
  LendingTooLarge: {
    title: 'the framework lends more than it is guaranteed',
    advice: 'Lower spec.lendingLimit of the Framework, or raise its guarantee.',
  },
  LimitTooLow: {
    title: 'the limit of the framework is below what it is guaranteed',
    advice: 'Raise spec.limit of the Framework, or lower its guarantee.',
  },
  ParentsInCircle: {
    title: 'the parents of the framework form a circle',
    advice: 'Make one of them anew without a parent, or under another.',
  },
  PolicyDeclined: {
    title: 'the framework declined the offer',
    advice: "Look at the framework's own scheduler for its reason.",
  },
  GangIncomplete: {
    title: 'not enough members of the gang have a place, so none starts',
    advice: 'Add nodes, use fewer replicas, or lower spec.gang.minMembers.',
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
  FrameworkNotFound: {
    title: 'there is no Framework of that name',
    advice: 'Create the Framework, or correct spec.framework (kubectl get frameworks).',
  },
  FrameworkNotLeaf: {
    title: 'the Framework has others below it, and apps belong on leaves',
    advice: 'Name one of the frameworks below it in spec.framework.',
  },
  NamespaceNotAllowed: {
    title: 'the Framework does not allow this namespace',
    advice: "Label the namespace as the Framework's namespaceSelector says, or use another framework.",
  },
  PoolNotFound: {
    title: 'there is no StoragePool of that name',
    advice: 'Create the StoragePool, or use a volume with another pool (kubectl get storagepools).',
  },
  StorageClassNotFound: {
    title: 'there is no StorageClass of that name',
    advice: 'Create the StorageClass, or use a volume of another class (kubectl get storageclasses).',
  },
  InvalidTemplate: {
    title: 'the API server refuses the pod template',
    advice: 'Correct spec.template; what runs already keeps running.',
  },
  PodRefused: {
    title: 'the API server refuses the pods of members',
    advice:
      'Look at what the message names: a quota, a limit range or a webhook of the namespace; members start by themselves then.',
  },
  BackupNotFound: {
    title: 'there is no AppBackup of that name',
    advice: 'Name another one in dataSourceRef (kubectl get appbackups), or remove dataSourceRef for empty volumes.',
  },
  BackupNotReady: {
    title: 'the AppBackup is not ready yet',
    advice: 'Nothing to do: the volumes are filled once it is. Its own status says what it waits for.',
  },
  BackupUnfit: {
    title: 'the AppBackup is of other members or volumes than the app asks for',
    advice: 'Ask for as many replicas, and for volumes of the same names, as the backup has.',
  },
  DataSourceNotFound: {
    title: 'what the volume is to be a clone of does not exist',
    advice: 'Correct dataSourceRef, or remove it for an empty volume.',
  },
  DataSourceNotReady: {
    title: 'what the volume is to be filled from is not ready yet',
    advice: 'Nothing to do: the volume is made once it is.',
  },
  DataSourceTooLarge: {
    title: 'the volume is smaller than what it is to be filled from',
    advice: 'Raise the size of the volume to what the message says.',
  },
  DataSourceUnfit: {
    title: 'what the volume is to be filled from cannot be used here',
    advice: "Name an AppBackup or a PersistentApp of the app's own namespace.",
  },
  SnapshotNotFound: {
    title: 'the VolumeSnapshot that the volume is to be filled from does not exist',
    advice: 'Name another source in dataSourceRef, or remove it for an empty volume.',
  },
  SnapshotKindsMissing: {
    title: 'the cluster has no VolumeSnapshots',
    advice: 'Install the CRDs and the controller of kubernetes-csi/external-snapshotter.',
  },
  InvalidSchedule: {
    title: 'the cron line of the backups cannot be followed',
    advice: 'Correct spec.backup.schedule: minute, hour, day of the month, month, day of the week, in UTC.',
  },
  StaleVolume: {
    title: 'the returning member has an old volume with old data',
    advice:
      'Set spec.retention.reuse to Adopt to use the data or to Wipe for a new volume, or delete the old claim yourself.',
  },
  VolumeMayNotShrink: {
    title: 'a volume has more than the app asks for, and no volume can shrink',
    advice: 'Ask for what the volume has, or more; it stays as it is.',
  },
  VolumeCannotGrow: {
    title: 'the StorageClass of the volume does not allow growth',
    advice: 'Set allowVolumeExpansion on the StorageClass, where its driver can; until then the volume stays as it is.',
  },
  NoRoomToGrow: {
    title: 'the storage has not so much left as the volume should grow by',
    advice: 'Add storage to the pool, or ask for less; until then the volume stays as it is.',
  },
  VolumeAtMaxSize: {
    title: 'the volume is filling up and has grown as far as it may',
    advice: 'Raise autoGrow.maxSize of the volume, or free space.',
  },
  VolumeUsageUnknown: {
    title: 'nobody can tell how full the volume is, so it does not grow by itself',
    advice: 'Let the operator read the statistics of kubelets (autoGrow in the chart), or raise the size yourself.',
  },
  VolumeClassMayNotChange: {
    title: 'the volume was made in another StorageClass than the app asks for',
    advice: 'Ask for the class that the volume has, or add a volume of the other class and move the data.',
  },
  ForeignObject: {
    title: 'an object of the name that the app needs belongs to somebody else',
    advice: 'Rename the app, or remove the other object.',
  },
  AdoptionRefused: {
    title: 'the StatefulSet that the app is to be made of cannot be adopted as it is',
    advice:
      'Do what the message says, or delete the app with --cascade=orphan; the StatefulSet and its pods are untouched.',
  },
  NotSupportedYet: {
    title: 'the field or kind is accepted, and this version does nothing with it',
    advice: 'Remove it, or wait for a version that supports it.',
  },
} as const satisfies Readonly<Record<string, ReasonText>>;

export type Reason = keyof typeof REASONS;

export function isReason(word: string): word is Reason {
  return Object.hasOwn(REASONS, word);
}
