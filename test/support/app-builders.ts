// Builders of facts for tests: everything has a default, a test names only what it is about.
import { API_VERSION } from '../../src/api/group.ts';
import { LABEL_APP, LABEL_APP_UID } from '../../src/api/labels.ts';
import { parseFramework, parsePersistentApp, parseReservation, parseStoragePool } from '../../src/api/parse.ts';
import type { Framework } from '../../src/api/framework.ts';
import type { PersistentApp } from '../../src/api/persistent-app.ts';
import type { Reservation, Slot } from '../../src/api/reservation.ts';
import type { StoragePool } from '../../src/api/storage-pool.ts';
import type { NodeFacts } from '../../src/core/facts/node-facts.ts';
import type { PodFacts } from '../../src/core/facts/pod-facts.ts';
import type { ClaimFacts, StorageClassFacts } from '../../src/core/facts/storage-facts.ts';
import type { AppFacts } from '../../src/core/app/facts.ts';
import { parsedOnce } from './parsed-once.ts';

type Json = Readonly<Record<string, unknown>>;

const toApp = parsedOnce(parsePersistentApp);
const toFramework = parsedOnce(parseFramework);
const toPool = parsedOnce(parseStoragePool);
const toReservation = parsedOnce(parseReservation);

/** 2026-01-02T03:04:05Z: the moment at which tests play. */
export const NOW = 1_767_323_045;

export const CONTAINER = { name: 'db', image: 'db:1', resources: { requests: { cpu: '1', memory: '1Gi' } } };

/** One volume of 1Gi of class fast. */
export const DATA = { name: 'data', mountPath: '/data', size: '1Gi', storageClassName: 'fast' };

/** App `db` in namespace `prod`: three members, no volumes. `spec` and `metadata` replace fields, `status` is taken as it is. */
export function app(
  parts: { readonly spec?: Json; readonly metadata?: Json; readonly status?: unknown } = {},
): PersistentApp {
  return toApp({
    apiVersion: API_VERSION,
    kind: 'PersistentApp',
    metadata: { name: 'db', namespace: 'prod', uid: 'app-1', generation: 1, ...parts.metadata },
    spec: { replicas: 3, template: { spec: { containers: [CONTAINER] } }, ...parts.spec },
    ...(parts.status === undefined ? {} : { status: parts.status }),
  });
}

export function framework(spec: Json = {}): Framework {
  return toFramework({ apiVersion: API_VERSION, kind: 'Framework', metadata: { name: 'default' }, spec });
}

export function pool(name: string, spec: Json): StoragePool {
  return toPool({ apiVersion: API_VERSION, kind: 'StoragePool', metadata: { name }, spec });
}

export function storageClass(name = 'fast'): StorageClassFacts {
  return {
    name,
    provisioner: 'csi.example.com',
    bindingMode: 'WaitForFirstConsumer',
    allowExpansion: true,
    reclaimPolicy: 'Retain',
    allowedTopologies: undefined,
    isDefault: false,
  };
}

export function node(name: string, parts: Partial<NodeFacts> = {}): NodeFacts {
  return {
    name,
    uid: `uid-${name}`,
    labels: { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': 'a' },
    taints: [],
    unschedulable: false,
    ready: true,
    allocatable: { cpu: 4000, memory: 8 * 2 ** 30, pods: 110 },
    ...parts,
  };
}

/** A held slot for `db-<ordinal>` on n1, as large as CONTAINER. */
export function slot(parts: Partial<Slot> = {}): Slot {
  return {
    member: 'db-0',
    node: 'n1',
    zone: 'a',
    resources: { cpu: '1', memory: '1Gi', pods: '1' },
    volumes: [],
    state: 'Held',
    decision: 'd1',
    podUID: '',
    epoch: 1,
    acceptedAt: '2026-01-02T03:00:00Z',
    ...parts,
  };
}

export function reservation(slots: readonly Slot[], appUid = 'app-1'): Reservation {
  return toReservation({
    apiVersion: API_VERSION,
    kind: 'Reservation',
    metadata: { name: 'db', namespace: 'prod', uid: `rsv-${appUid}` },
    spec: { app: { name: 'db', uid: appUid }, slots },
  });
}

/** Our ready pod db-0 on n1. */
export function pod(parts: Partial<PodFacts> = {}): PodFacts {
  const name = parts.name ?? 'db-0';
  return {
    uid: `uid-${name}`,
    namespace: 'prod',
    name,
    owner: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'sts-1' },
    labels: { [LABEL_APP]: 'db', [LABEL_APP_UID]: 'app-1', 'controller-revision-hash': 'db-r1' },
    annotations: {},
    schedulerName: 'proffer-scheduler',
    nodeName: 'n1',
    phase: 'Running',
    ready: true,
    readySinceSeconds: NOW - 600,
    deleting: false,
    createdAtSeconds: NOW - 700,
    requests: { cpu: 1000, memory: 2 ** 30, pods: 1 },
    claims: [],
    problem: undefined,
    priority: 0,
    ...parts,
  };
}

/** Our pod db-0 that no node has yet. */
export function pendingPod(parts: Partial<PodFacts> = {}): PodFacts {
  return pod({ nodeName: '', phase: 'Pending', ready: false, readySinceSeconds: undefined, ...parts });
}

/** The bound claim data-db-0 of our app. */
export function claim(parts: Partial<ClaimFacts> = {}): ClaimFacts {
  const name = parts.name ?? 'data-db-0';
  return {
    uid: `uid-${name}`,
    namespace: 'prod',
    name,
    labels: { [LABEL_APP]: 'db', [LABEL_APP_UID]: 'app-1' },
    annotations: {},
    phase: 'Bound',
    deleting: false,
    storageClassName: 'fast',
    volumeName: `pv-${name}`,
    bytes: 2 ** 30,
    actualBytes: 2 ** 30,
    selectedNode: '',
    conditions: [],
    ...parts,
  };
}

/** An app in a cluster of nodes n1 to n5, with nothing made for it yet. */
export function facts(parts: Partial<AppFacts> = {}): AppFacts {
  return {
    app: app(),
    framework: framework(),
    namespaceLabels: { 'kubernetes.io/metadata.name': 'prod' },
    pools: new Map(),
    storageClasses: new Map([['fast', storageClass()]]),
    reservation: undefined,
    service: undefined,
    statefulSet: undefined,
    podDisruptionBudget: undefined,
    pods: [],
    claims: [],
    nodes: new Map(['n1', 'n2', 'n3', 'n4', 'n5'].map((name) => [name, node(name)])),
    decline: undefined,
    templateProblem: undefined,
    memberPriorityClass: '',
    ...parts,
  };
}

/** The StatefulSet of the app with one member, which was launched. */
export const LAUNCHED_ALONE = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: {
    name: 'db',
    namespace: 'prod',
    uid: 'sts-1',
    ownerReferences: [{ kind: 'PersistentApp', name: 'db', uid: 'app-1', controller: true }],
    annotations: { 'proffer.dev/launched': '1' },
  },
  spec: { replicas: 1 },
};
