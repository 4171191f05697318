import type { ReasonText } from './reason-text.ts';

/** Why what is asked for cannot be, or not yet: what a spec says, what it names, and what it wants of volumes and objects that are there. */
export const SPEC_REASONS = {
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
  VolumeNotMounted: {
    title: 'no container would mount one of the volumes',
    advice: "Take the mounts at the volume's path out of spec.template, or change mountPath; what runs keeps running.",
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
