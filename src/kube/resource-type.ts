/** How a kind is addressed in the API. */
export interface ResourceType {
  /** `v1` for the core group, else `group/version`. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

const inNamespaces = (apiVersion: string, kind: string, plural: string): ResourceType => ({
  apiVersion,
  kind,
  plural,
  namespaced: true,
});

const inCluster = (apiVersion: string, kind: string, plural: string): ResourceType => ({
  apiVersion,
  kind,
  plural,
  namespaced: false,
});

export const NAMESPACE = inCluster('v1', 'Namespace', 'namespaces');
export const NODE = inCluster('v1', 'Node', 'nodes');
export const POD = inNamespaces('v1', 'Pod', 'pods');
export const SERVICE = inNamespaces('v1', 'Service', 'services');
export const SERVICE_ACCOUNT = inNamespaces('v1', 'ServiceAccount', 'serviceaccounts');
export const CONFIG_MAP = inNamespaces('v1', 'ConfigMap', 'configmaps');
export const SECRET = inNamespaces('v1', 'Secret', 'secrets');
export const PERSISTENT_VOLUME_CLAIM = inNamespaces('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims');
export const PERSISTENT_VOLUME = inCluster('v1', 'PersistentVolume', 'persistentvolumes');
export const STATEFUL_SET = inNamespaces('apps/v1', 'StatefulSet', 'statefulsets');
export const DEPLOYMENT = inNamespaces('apps/v1', 'Deployment', 'deployments');
export const CONTROLLER_REVISION = inNamespaces('apps/v1', 'ControllerRevision', 'controllerrevisions');
export const POD_DISRUPTION_BUDGET = inNamespaces('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets');
export const STORAGE_CLASS = inCluster('storage.k8s.io/v1', 'StorageClass', 'storageclasses');
export const CSI_DRIVER = inCluster('storage.k8s.io/v1', 'CSIDriver', 'csidrivers');
export const CSI_NODE = inCluster('storage.k8s.io/v1', 'CSINode', 'csinodes');
export const CSI_STORAGE_CAPACITY = inNamespaces('storage.k8s.io/v1', 'CSIStorageCapacity', 'csistoragecapacities');
export const VOLUME_ATTACHMENT = inCluster('storage.k8s.io/v1', 'VolumeAttachment', 'volumeattachments');
export const VOLUME_SNAPSHOT = inNamespaces('snapshot.storage.k8s.io/v1', 'VolumeSnapshot', 'volumesnapshots');
export const VOLUME_SNAPSHOT_CLASS = inCluster(
  'snapshot.storage.k8s.io/v1',
  'VolumeSnapshotClass',
  'volumesnapshotclasses',
);
/** Version v1: what kubernetes-csi/external-snapshotter serves from 8.6 on. */
export const VOLUME_GROUP_SNAPSHOT = inNamespaces(
  'groupsnapshot.storage.k8s.io/v1',
  'VolumeGroupSnapshot',
  'volumegroupsnapshots',
);
export const VOLUME_GROUP_SNAPSHOT_CLASS = inCluster(
  'groupsnapshot.storage.k8s.io/v1',
  'VolumeGroupSnapshotClass',
  'volumegroupsnapshotclasses',
);
export const LEASE = inNamespaces('coordination.k8s.io/v1', 'Lease', 'leases');
export const EVENT = inNamespaces('events.k8s.io/v1', 'Event', 'events');
export const PRIORITY_CLASS = inCluster('scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses');
export const CUSTOM_RESOURCE_DEFINITION = inCluster(
  'apiextensions.k8s.io/v1',
  'CustomResourceDefinition',
  'customresourcedefinitions',
);

const BUILT_IN: readonly ResourceType[] = [
  NAMESPACE,
  NODE,
  POD,
  SERVICE,
  SERVICE_ACCOUNT,
  CONFIG_MAP,
  SECRET,
  PERSISTENT_VOLUME_CLAIM,
  PERSISTENT_VOLUME,
  STATEFUL_SET,
  DEPLOYMENT,
  CONTROLLER_REVISION,
  POD_DISRUPTION_BUDGET,
  STORAGE_CLASS,
  CSI_DRIVER,
  CSI_NODE,
  CSI_STORAGE_CAPACITY,
  VOLUME_ATTACHMENT,
  VOLUME_SNAPSHOT,
  VOLUME_SNAPSHOT_CLASS,
  VOLUME_GROUP_SNAPSHOT,
  VOLUME_GROUP_SNAPSHOT_CLASS,
  LEASE,
  EVENT,
  PRIORITY_CLASS,
  CUSTOM_RESOURCE_DEFINITION,
];

const idOf = (apiVersion: string, kind: string): string => `${apiVersion}/${kind}`;

const registered = new Map(BUILT_IN.map((type) => [idOf(type.apiVersion, type.kind), type]));

/** Makes kinds known to `typeOf`: a program registers its own at start. Registering one twice is harmless. */
export function registerTypes(types: readonly ResourceType[]): void {
  for (const type of types) registered.set(idOf(type.apiVersion, type.kind), type);
}

/** The registered type of a kind. Throws for a kind that nobody registered: a mistake of ours, not of a user. */
export function typeOf(apiVersion: string, kind: string): ResourceType {
  const type = registered.get(idOf(apiVersion, kind));
  if (type === undefined) throw new Error(`kind ${kind} of ${apiVersion} is not registered: call registerTypes first`);
  return type;
}

/**
 * The URL path of a collection (no `name`), an object, or a subresource of it.
 * A namespaced type without namespace and name means the collection over all namespaces.
 */
export function pathOf(type: ResourceType, namespace?: string, name?: string, subresource?: string): string {
  const group = type.apiVersion.includes('/') ? `/apis/${type.apiVersion}` : `/api/${type.apiVersion}`;
  if (type.namespaced && name !== undefined && !namespace) {
    throw new Error(`${type.kind} ${name} is addressed without a namespace, and ${type.plural} live in namespaces`);
  }
  const where = type.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const which = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  const part = subresource === undefined ? '' : `/${subresource}`;
  return `${group}${where}/${type.plural}${which}${part}`;
}
