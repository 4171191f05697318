/**
 * Labels, annotations and taints that we put on objects. A label is never proof: what a pod may claim follows from its
 * ownerReference chain to a PersistentApp by UID.
 */

/** Field manager of our server-side applies, and the value of `app.kubernetes.io/managed-by`. */
export const MANAGED_BY = 'proffer';

/** Field manager of status writes, apart from MANAGED_BY so that neither takes the other's fields. */
export const STATUS_MANAGER = 'proffer-status';

/** Name of the kube-scheduler that asks our extender; members carry it as `spec.schedulerName`. */
export const SCHEDULER_NAME = 'proffer-scheduler';

/** Our own labels: immutable, and the only ones that selectors use. */
export const LABEL_APP = 'proffer.dev/app';
export const LABEL_APP_UID = 'proffer.dev/app-uid';
export const LABEL_MEMBER = 'proffer.dev/member';
export const LABEL_FRAMEWORK = 'proffer.dev/framework';

/** The recommended labels, for people and their tools. */
export const LABEL_NAME = 'app.kubernetes.io/name';
export const LABEL_INSTANCE = 'app.kubernetes.io/instance';
export const LABEL_APP_VERSION = 'app.kubernetes.io/version';
export const LABEL_COMPONENT = 'app.kubernetes.io/component';
export const LABEL_PART_OF = 'app.kubernetes.io/part-of';
export const LABEL_MANAGED_BY = 'app.kubernetes.io/managed-by';

/** Hash of what we last applied to this object: the quick answer to "is there anything to write?". */
export const ANNOTATION_INTENT = 'proffer.dev/intent';

/** On the disruption budget of an app of a revocable framework: it lets those go, too, whose slots are given up for a guarantee. */
export const ANNOTATION_GIVES_BACK = 'proffer.dev/gives-back';

/** Touched on a pending pod when its slot became usable: an update of an unscheduled pod wakes kube-scheduler. */
export const ANNOTATION_WAKE = 'proffer.dev/wake';

/** On a claim whose member is gone: since when (RFC 3339), and the UID of the app that left it. */
export const ANNOTATION_RETIRED = 'proffer.dev/retired-at';
export const ANNOTATION_RETIRED_FROM = 'proffer.dev/retired-from';

/** On a claim that was grown because it filled up: when (RFC 3339). It may then ask for more than its app does. */
export const ANNOTATION_GROWN = 'proffer.dev/grown-at';

/** On a claim that keeps a volume which its member lost to a Rebuild: the member. */
export const ANNOTATION_RETIRED_MEMBER = 'proffer.dev/retired-member';

/** On a PersistentVolume that its member is about to lose to a Rebuild, as JSON: as which claim it is kept (core/recovery/retire-mark.ts). */
export const ANNOTATION_RETIRES = 'proffer.dev/retires';

/** On a retired claim: what the app said of it at that moment, Delete or SnapshotThenDelete. Absent: it is kept. */
export const ANNOTATION_RETENTION = 'proffer.dev/retention';

/** On an app: UID of the StatefulSet of its name that it is to be made of (core/adoption). */
export const ANNOTATION_ADOPT = 'proffer.dev/adopt';

/** On an AppBackup that the schedule made: for which moment (RFC 3339). */
export const ANNOTATION_SCHEDULED = 'proffer.dev/scheduled-at';

/** On an app whose volumes go with it: it stays until they are seen to. */
export const FINALIZER_VOLUMES = 'proffer.dev/volumes';

/** On a claim that we made with content: where that is from, as `kind/name`. */
export const ANNOTATION_FILLED_FROM = 'proffer.dev/filled-from';

/**
 * On a claim, since its first backup in a group: the member whose volumes are copied together. The snapshot controller chooses the claims
 * of a VolumeGroupSnapshot by `matchLabels` alone (it reads no matchExpressions), and a StatefulSet gives all its claims the same labels.
 */
export const LABEL_BACKUP_GROUP = 'proffer.dev/backup-group';

/** Touched on a pod whose volume has grown at the storage: a changed pod makes its kubelet look at the volume now, not within a minute. */
export const ANNOTATION_VOLUMES_GREW = 'proffer.dev/volumes-grew';

/** On a StorageClass or VolumeSnapshotClass that we made: for which StoragePool. Not an owner: the class outlives its pool. */
export const ANNOTATION_POOL = 'proffer.dev/pool';

/** On nodes, set by the administrator: only members and what tolerates it run there, so a hold is guaranteed. */
export const TAINT_RESERVED = 'proffer.dev/reserved';

/** On a node that holds volumes which exist nowhere else: the annotations that we set to keep autoscalers from taking it away. */
export const ANNOTATION_KEEPS_NODE = 'proffer.dev/keeps-node';

/** On a node that we declared out of service: since when (RFC 3339). Without it the taint is somebody else's, and stays. */
export const ANNOTATION_FENCED = 'proffer.dev/fenced-at';

/**
 * What tells an autoscaler to leave a node alone: Karpenter (https://karpenter.sh/docs/concepts/disruption, node-level controls) and
 * Cluster Autoscaler (its FAQ, "How can I prevent Cluster Autoscaler from scaling down a particular node?").
 */
export const NODE_PROTECTIONS = [
  'karpenter.sh/do-not-disrupt',
  'cluster-autoscaler.kubernetes.io/scale-down-disabled',
] as const;

/** Prefixes of resource names that stand for pool bytes and attach slots. */
export const RESOURCE_STORAGE_PREFIX = 'storage.proffer.dev/';
export const RESOURCE_ATTACH_PREFIX = 'attach.proffer.dev/';
