import type { Framework } from '../../api/framework.ts';
import { parseFramework, parsePersistentApp, parseReservation, parseStoragePool } from '../../api/parse.ts';
import type { PersistentApp } from '../../api/persistent-app.ts';
import type { Reservation } from '../../api/reservation.ts';
import type { StoragePool } from '../../api/storage-pool.ts';
import { memberPods } from '../app/member-pods.ts';
import type { KubeObject } from '../app/plan.ts';
import { controllerOf, readMap } from '../app/read-field.ts';
import { listOf, objectOf, textOf } from '../facts/json.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import { readAttachment } from '../facts/read-attachment.ts';
import { readCapacity } from '../facts/read-capacity.ts';
import { readClaim } from '../facts/read-claim.ts';
import { readCsiNode } from '../facts/read-csi-node.ts';
import { readDriver } from '../facts/read-driver.ts';
import { readMeta } from '../facts/read-meta.ts';
import { readNode } from '../facts/read-node.ts';
import { readPod } from '../facts/read-pod.ts';
import { readStorageClass } from '../facts/read-storage-class.ts';
import { readVolume } from '../facts/read-volume.ts';
import type {
  CapacityFacts,
  ClaimFacts,
  CsiNodeFacts,
  StorageClassFacts,
  VolumeFacts,
} from '../facts/storage-facts.ts';
import { parseResourceList } from '../resources/resource-list.ts';
import { ClusterView } from './cluster-view.ts';

/** A cluster as it was at one moment. Keys are `namespace/name`, or the name of what lives in no namespace. */
export class LoadedCluster {
  readonly view = new ClusterView({ isSnapshot: true });
  readonly apps = new Map<string, PersistentApp>();
  readonly frameworks = new Map<string, Framework>();
  readonly pools = new Map<string, StoragePool>();
  readonly reservations = new Map<string, Reservation>();
  readonly storageClasses = new Map<string, StorageClassFacts>();
  readonly namespaces = new Map<string, Readonly<Record<string, string>>>();
  readonly csiNodes = new Map<string, CsiNodeFacts>();
  readonly capacities = new Map<string, CapacityFacts>();
  readonly volumes = new Map<string, VolumeFacts>();
  readonly pods = new Map<string, PodFacts>();
  readonly claims = new Map<string, ClaimFacts>();
  readonly services = new Map<string, KubeObject>();
  readonly statefulSets = new Map<string, KubeObject>();
  readonly budgets = new Map<string, KubeObject>();
  /** Objects by kind, those included that say nothing to us. */
  readonly counts = new Map<string, number>();

  /**
   * Takes in one object as JSON, or a List of them: a later one of a name stands for an earlier one. Kinds that say nothing about where
   * members may go are counted only.
   * @throws Error that names the object and what is wrong with it; nothing of it was taken in then.
   */
  add(raw: unknown): void {
    for (const object of itemsOf(raw)) this.#addOne(object);
  }

  #addOne(raw: unknown): void {
    const kind = textOf(objectOf(raw)['kind']);
    const { name, namespace } = readMeta(objectOf(raw));
    if (kind === '' || name === '') throw new Error('an object without kind or metadata.name is no Kubernetes object');
    try {
      LOADERS[kind]?.(this, raw, namespace === '' ? name : `${namespace}/${name}`);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      throw new Error(said.startsWith(kind) ? said : `${kind} ${name}: ${said}`, { cause: error });
    }
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }
}

/** A cluster of these objects, see LoadedCluster.add. */
export function loadObjects(objects: readonly unknown[]): LoadedCluster {
  const cluster = new LoadedCluster();
  for (const object of objects) cluster.add(object);
  return cluster;
}

/** The objects of a List, which carry their own kinds, or the object itself. */
function itemsOf(raw: unknown): readonly unknown[] {
  const { kind, items } = objectOf(raw);
  return textOf(kind).endsWith('List') && Array.isArray(items) ? listOf(items).flatMap(itemsOf) : [raw];
}

type Loader = (cluster: LoadedCluster, raw: unknown, key: string) => void;

/** One line a kind: what it is read into, and how the view learns of it. */
const LOADERS: Readonly<Record<string, Loader>> = {
  Node: ({ view }, raw) => view.setNode(readNode(raw)),
  Pod: addPod,
  PersistentVolumeClaim: ({ claims, view }, raw, key) => view.setClaim(kept(claims, key, readClaim(raw))),
  PersistentVolume: ({ volumes, view }, raw, key) => view.setVolume(kept(volumes, key, readVolume(raw))),
  StorageClass: ({ storageClasses, view }, raw, key) =>
    view.setStorageClass(kept(storageClasses, key, readStorageClass(raw))),
  CSIStorageCapacity: ({ capacities, view }, raw, key) => view.setCapacity(kept(capacities, key, readCapacity(raw))),
  CSIDriver: ({ view }, raw) => view.setDriver(readDriver(raw)),
  CSINode: ({ csiNodes, view }, raw, key) => view.setCsiNode(kept(csiNodes, key, readCsiNode(raw))),
  VolumeAttachment: ({ view }, raw) => view.setAttachment(readAttachment(raw)),
  Namespace: ({ namespaces, view }, raw, key) =>
    view.pods.setNamespace(key, kept(namespaces, key, readMeta(objectOf(raw)).labels)),
  Service: ({ services }, raw, key) => void services.set(key, raw as KubeObject),
  PodDisruptionBudget: ({ budgets }, raw, key) => void budgets.set(key, raw as KubeObject),
  StatefulSet: addStatefulSet,
  StoragePool: addPool,
  Framework: addFramework,
  PersistentApp: addApp,
  Reservation: ({ reservations, view }, raw, key) =>
    view.setReservation(kept(reservations, key, parseReservation(raw))),
};

function kept<T>(map: Map<string, T>, key: string, value: T): T {
  map.set(key, value);
  return value;
}

/** Nobody has checked the amounts of a file; here it is known whose they are. */
function addFramework({ frameworks }: LoadedCluster, raw: unknown, key: string): void {
  const framework = parseFramework(raw);
  const { guarantee, lendingLimit, limit } = framework.spec;
  for (const amounts of [guarantee, lendingLimit, limit]) parseResourceList(amounts);
  frameworks.set(key, framework);
}

function addApp({ apps, view }: LoadedCluster, raw: unknown, key: string): void {
  const before = apps.get(key);
  const app = kept(apps, key, parsePersistentApp(raw));
  if (before !== undefined) view.pods.setTemplate(before.metadata.uid, undefined);
  view.pods.setTemplate(app.metadata.uid, memberPods(app));
}

function addPod({ pods, view }: LoadedCluster, raw: unknown, key: string): void {
  const pod = readPod(raw);
  const before = pods.get(key);
  // Written by hand a pod has no UID, and without one it could not be told from others.
  const facts = pod.uid === '' ? { ...pod, uid: `pod ${key}` } : pod;
  if (before !== undefined && before.uid !== facts.uid) view.deletePod(before.uid);
  view.setPod(kept(pods, key, facts));
}

/** Its pods are an app's members when the app controls it, as the operator sees it too (by UID, never by label). */
function addStatefulSet({ statefulSets, view }: LoadedCluster, raw: unknown, key: string): void {
  const object = raw as KubeObject;
  statefulSets.set(key, object);
  const { uid, namespace = '' } = object.metadata;
  const owner = controllerOf(object);
  if (uid === undefined || owner?.kind !== 'PersistentApp') return;
  view.setWorkload(uid, { appUid: owner.uid, appName: owner.name, namespace });
}

/** A pool whose class the operator has not made yet stands for the class that it will make. */
function addPool(cluster: LoadedCluster, raw: unknown, key: string): void {
  const pool = parseStoragePool({ ...objectOf(raw), ...madeStatus(raw) });
  cluster.view.setPool(kept(cluster.pools, key, pool));
  const { custom, storageClassName } = pool.spec;
  if (storageClassName !== undefined || custom === undefined || cluster.storageClasses.has(key)) return;
  const facts: StorageClassFacts = {
    name: key,
    provisioner: custom.provisioner,
    bindingMode: 'WaitForFirstConsumer',
    allowExpansion: pool.spec.allowExpansion,
    reclaimPolicy: pool.spec.reclaimPolicy,
    allowedTopologies: undefined,
    isDefault: false,
  };
  cluster.view.setStorageClass(kept(cluster.storageClasses, key, facts));
}

function madeStatus(raw: unknown): { readonly status?: object } {
  const status = readMap(raw, 'status');
  if (textOf(status['storageClassName']) !== '' || Object.keys(readMap(raw, 'spec', 'custom')).length === 0) return {};
  return { status: { ...status, storageClassName: readMeta(objectOf(raw)).name } };
}
