import type { AppBackup } from '../api/app-backup.ts';
import type { AppOperation } from '../api/app-operation.ts';
import type { Framework } from '../api/framework.ts';
import { LABEL_APP } from '../api/labels.ts';
import {
  parseAppBackup,
  parseAppOperation,
  parseFramework,
  parsePersistentApp,
  parseReservation,
  parseStoragePool,
} from '../api/parse.ts';
import type { PersistentApp } from '../api/persistent-app.ts';
import type { Reservation } from '../api/reservation.ts';
import type { StoragePool } from '../api/storage-pool.ts';
import type { KubeObject } from '../core/app/plan.ts';
import { readMap, readString } from '../core/app/read-field.ts';
import type { NodeFacts } from '../core/facts/node-facts.ts';
import type { PodFacts } from '../core/facts/pod-facts.ts';
import { readAttachment } from '../core/facts/read-attachment.ts';
import { readCapacity } from '../core/facts/read-capacity.ts';
import { readClaim } from '../core/facts/read-claim.ts';
import { readCsiNode } from '../core/facts/read-csi-node.ts';
import { readDriver } from '../core/facts/read-driver.ts';
import { readNode } from '../core/facts/read-node.ts';
import { readPod } from '../core/facts/read-pod.ts';
import { readStorageClass } from '../core/facts/read-storage-class.ts';
import { readVolume } from '../core/facts/read-volume.ts';
import { type VolumeEventFacts, readVolumeEvent } from '../core/facts/read-volume-event.ts';
import type {
  AttachmentFacts,
  CapacityFacts,
  ClaimFacts,
  CsiNodeFacts,
  DriverFacts,
  StorageClassFacts,
  VolumeFacts,
} from '../core/facts/storage-facts.ts';
import type { KubeClient } from '../kube/client.ts';
import { Reflector } from '../kube/reflector.ts';
import * as types from '../kube/resource-type.ts';
import { Store } from '../kube/store.ts';
import { appOfSpec, appsOfClaim, appsOfEvent, appsOfObject, appsOfPod, appsOfVolume } from './app-keys.ts';
import type { Log } from './log.ts';
import type { OperatorMetrics } from './metrics.ts';
import { NODE_LEASE_NAMESPACE, type NodeLease, readNodeLease } from './node-leases.ts';
import * as own from './own-types.ts';

/** A namespace, as far as it matters here: its labels decide which frameworks it may use. */
export interface NamespaceFacts {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What the operator knows of the cluster: one store per kind, filled by one watch each. */
export interface Stores {
  readonly apps: Store<PersistentApp>;
  readonly frameworks: Store<Framework>;
  readonly pools: Store<StoragePool>;
  readonly reservations: Store<Reservation>;
  readonly appOperations: Store<AppOperation>;
  readonly appBackups: Store<AppBackup>;
  readonly nodes: Store<NodeFacts>;
  readonly pods: Store<PodFacts>;
  readonly claims: Store<ClaimFacts>;
  readonly volumes: Store<VolumeFacts>;
  readonly storageClasses: Store<StorageClassFacts>;
  readonly capacities: Store<CapacityFacts>;
  readonly drivers: Store<DriverFacts>;
  readonly csiNodes: Store<CsiNodeFacts>;
  readonly attachments: Store<AttachmentFacts>;
  readonly namespaces: Store<NamespaceFacts>;
  readonly nodeLeases: Store<NodeLease>;
  /** What events say of volumes; null for those that say nothing of one. */
  readonly volumeEvents: Store<VolumeEventFacts | null>;
  /** Children of apps: raw where they may be ours, the owner alone where they are not. */
  readonly services: Store<KubeObject>;
  readonly statefulSets: Store<KubeObject>;
  readonly budgets: Store<KubeObject>;
}

/** As the core group serves it: its field selectors are the documented ones. */
const CORE_EVENT: types.ResourceType = { apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true };

/** A selector cannot say "one of": what comes most often and says nothing of volumes is left out on the server, the rest here. */
const ABOUT_VOLUMES = [
  'FailedScheduling',
  'BackOff',
  'Scheduled',
  'Pulling',
  'Pulled',
  'Created',
  'Started',
  'Killing',
  'SuccessfulCreate',
  'SuccessfulDelete',
  'NodeHasSufficientMemory',
]
  .map((reason) => `reason!=${reason}`)
  .join(',');

/** The name of the index, in the stores of pods, claims and children, from app keys to what may belong to the app. */
export const BY_APP = 'app';
/** The name of the index, in the stores of pods and reservations, from nodes to what is on them. */
export const BY_NODE = 'node';

export interface Caches {
  readonly stores: Stores;
  /** Watches until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  whenSynced(signal: AbortSignal): Promise<void>;
  /** The kinds whose first list is not complete. */
  unsynced(): readonly string[];
  /** Seconds since each watch said anything, by kind. */
  ages(): Readonly<Record<string, number>>;
}

/** Builds the stores and their watches; nothing is read before `run`. */
export function makeCaches(client: KubeClient, log: Log, metrics: OperatorMetrics): Caches {
  const reflectors: { readonly kind: string; readonly reflector: Reflector<unknown> }[] = [];
  const watch = <T>(
    type: types.ResourceType,
    project: (raw: unknown) => T,
    namespace?: string,
    fieldSelector?: string,
  ): Store<T> => {
    const store = new Store<T>(log);
    const count = (what: string) => metrics.watched(type.kind, what);
    const reflector = new Reflector<T>({ client, type, namespace, fieldSelector, project, store, log, metrics: count });
    reflectors.push({ kind: type.kind, reflector: reflector as Reflector<unknown> });
    return store;
  };
  const stores: Stores = {
    apps: watch(own.PERSISTENT_APP, parsePersistentApp),
    frameworks: watch(own.FRAMEWORK, parseFramework),
    pools: watch(own.STORAGE_POOL, parseStoragePool),
    reservations: watch(own.RESERVATION, parseReservation),
    appOperations: watch(own.APP_OPERATION, parseAppOperation),
    appBackups: watch(own.APP_BACKUP, parseAppBackup),
    nodes: watch(types.NODE, readNode),
    pods: watch(types.POD, readPod),
    claims: watch(types.PERSISTENT_VOLUME_CLAIM, readClaim),
    volumes: watch(types.PERSISTENT_VOLUME, readVolume),
    storageClasses: watch(types.STORAGE_CLASS, readStorageClass),
    capacities: watch(types.CSI_STORAGE_CAPACITY, readCapacity),
    drivers: watch(types.CSI_DRIVER, readDriver),
    csiNodes: watch(types.CSI_NODE, readCsiNode),
    attachments: watch(types.VOLUME_ATTACHMENT, readAttachment),
    namespaces: watch(types.NAMESPACE, readNamespace),
    nodeLeases: watch(types.LEASE, readNodeLease, NODE_LEASE_NAMESPACE),
    volumeEvents: watch(CORE_EVENT, readVolumeEvent, undefined, ABOUT_VOLUMES),
    services: watch(types.SERVICE, (raw) => readChild(types.SERVICE, raw)),
    statefulSets: watch(types.STATEFUL_SET, (raw) => readChild(types.STATEFUL_SET, raw)),
    budgets: watch(types.POD_DISRUPTION_BUDGET, (raw) => readChild(types.POD_DISRUPTION_BUDGET, raw)),
  };
  addIndexes(stores);
  return {
    stores,
    run: async (signal) => void (await Promise.all(reflectors.map(({ reflector }) => reflector.run(signal)))),
    whenSynced: async (signal) =>
      void (await Promise.all(reflectors.map(({ reflector }) => reflector.whenSynced(signal)))),
    unsynced: () => reflectors.filter(({ reflector }) => !reflector.synced).map(({ kind }) => kind),
    ages: () => Object.fromEntries(reflectors.map(({ kind, reflector }) => [kind, reflector.lastEventAgeSeconds()])),
  };
}

function addIndexes(stores: Stores): void {
  stores.pods.index(BY_APP, appsOfPod);
  stores.pods.index(BY_NODE, (pod) => (pod.nodeName === '' ? undefined : pod.nodeName));
  stores.claims.index(BY_APP, appsOfClaim);
  stores.volumes.index(BY_APP, appsOfVolume);
  stores.volumeEvents.index(BY_APP, appsOfEvent);
  stores.appOperations.index(BY_APP, appOfSpec);
  stores.appBackups.index(BY_APP, appOfSpec);
  stores.reservations.index(BY_NODE, (reservation) => [...new Set(reservation.spec.slots.map((slot) => slot.node))]);
  for (const store of [stores.services, stores.statefulSets, stores.budgets]) store.index(BY_APP, appsOfObject);
}

function readNamespace(raw: unknown): NamespaceFacts {
  const labels = readMap(raw, 'metadata', 'labels') as Readonly<Record<string, string>>;
  return { name: readString(raw, 'metadata', 'name'), labels };
}

/**
 * A child of an app, whole, with the kind that items of a list lack and without the field managers. An object that does not carry our
 * labels is cut down to its names and owner: enough to see that it is in the way.
 */
function readChild(type: types.ResourceType, raw: unknown): KubeObject {
  const metadata = { ...readMap(raw, 'metadata'), name: readString(raw, 'metadata', 'name') };
  const labels = readMap(metadata, 'labels') as Readonly<Record<string, string>>;
  const { apiVersion, kind } = type;
  if (labels[LABEL_APP] === undefined) {
    const { name, namespace, uid, ownerReferences } = metadata as KubeObject['metadata'];
    const bare = { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) };
    return { apiVersion, kind, metadata: { ...bare, ownerReferences } };
  }
  return { ...(raw as object), apiVersion, kind, metadata: { ...metadata, managedFields: undefined } };
}
