// Facts and demands with defaults, for tests of decisions: say only what the test is about.
import type { Reservation, Slot } from '../../src/api/reservation.ts';
import type { StoragePool } from '../../src/api/storage-pool.ts';
import { LABEL_FRAMEWORK } from '../../src/api/labels.ts';
import type { Tenant } from '../../src/core/allocator/decision.ts';
import type { Demand, MemberDemand, PlacementRules, VolumeDemand } from '../../src/core/allocator/demand.ts';
import type { NodeFacts } from '../../src/core/facts/node-facts.ts';
import type { PodFacts } from '../../src/core/facts/pod-facts.ts';
import type {
  AttachmentFacts,
  CapacityFacts,
  ClaimFacts,
  CsiNodeFacts,
  StorageClassFacts,
  VolumeFacts,
} from '../../src/core/facts/storage-facts.ts';
import { parseResourceList } from '../../src/core/resources/resource-list.ts';
import type { Resources } from '../../src/core/resources/resources.ts';
import { ClusterView } from '../../src/core/view/cluster-view.ts';

export const GI = 1024 ** 3;
export const DRIVER = 'disks.example';
/** A moment, epoch seconds. */
export const NOW = 1_800_000_000;

type Amounts = Readonly<Record<string, string | number>>;

export function amounts(list: Amounts): Resources {
  return parseResourceList(list);
}

type NodeOptions = Partial<Omit<NodeFacts, 'allocatable'>> & { readonly zone?: string; readonly allocatable?: Amounts };

/** A ready node of 4 CPU, 16Gi and 110 pods; `zone` sets the zone label. */
export function nodeFacts(name: string, { zone, allocatable, labels, ...rest }: NodeOptions = {}): NodeFacts {
  return {
    name,
    uid: `uid-${name}`,
    taints: [],
    unschedulable: false,
    ready: true,
    allocatable: parseResourceList({ cpu: '4', memory: '16Gi', pods: 110, ...allocatable }),
    labels: {
      'kubernetes.io/hostname': name,
      ...(zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone }),
      ...labels,
    },
    ...rest,
  };
}

type PodOptions = Partial<Omit<PodFacts, 'requests' | 'owner'>> & {
  readonly requests?: Amounts;
  /** UID of the StatefulSet that owns it. */
  readonly statefulSet?: string;
};

/** A running pod of nobody that requests 1 CPU and 1Gi; `nodeName` is where. */
export function podFacts(name: string, { requests, statefulSet, ...rest }: PodOptions = {}): PodFacts {
  return {
    uid: `uid-${name}`,
    namespace: 'shop',
    name,
    owner:
      statefulSet === undefined
        ? undefined
        : { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'owner', uid: statefulSet },
    labels: {},
    annotations: {},
    schedulerName: 'default-scheduler',
    nodeName: '',
    phase: 'Running',
    ready: true,
    readySinceSeconds: undefined,
    deleting: false,
    createdAtSeconds: NOW,
    requests: parseResourceList({ cpu: '1', memory: '1Gi', pods: 1, ...requests }),
    claims: [],
    problem: undefined,
    priority: 0,
    ...rest,
  };
}

/** A pending claim of 10Gi in class "fast". */
export function claimFacts(name: string, rest: Partial<ClaimFacts> = {}): ClaimFacts {
  return {
    uid: `uid-${name}`,
    namespace: 'shop',
    name,
    labels: {},
    annotations: {},
    phase: 'Pending',
    deleting: false,
    storageClassName: 'fast',
    volumeName: '',
    bytes: 10 * GI,
    actualBytes: 0,
    selectedNode: '',
    conditions: [],
    ...rest,
  };
}

/** A volume of 10Gi in class "fast", reachable from everywhere. */
export function volumeFacts(name: string, rest: Partial<VolumeFacts> = {}): VolumeFacts {
  return {
    uid: `uid-${name}`,
    name,
    storageClassName: 'fast',
    driver: DRIVER,
    volumeHandle: `handle-${name}`,
    bytes: 10 * GI,
    claim: undefined,
    reclaimPolicy: 'Retain',
    nodeTerms: undefined,
    phase: 'Available',
    ...rest,
  };
}

export function storageClassFacts(name = 'fast', rest: Partial<StorageClassFacts> = {}): StorageClassFacts {
  return {
    name,
    provisioner: DRIVER,
    bindingMode: 'WaitForFirstConsumer',
    allowExpansion: true,
    reclaimPolicy: 'Retain',
    allowedTopologies: undefined,
    isDefault: false,
    ...rest,
  };
}

/** What the driver publishes for class "fast" at the nodes with these labels. */
export function capacityFacts(name: string, rest: Partial<CapacityFacts> = {}): CapacityFacts {
  return {
    uid: `uid-${name}`,
    namespace: 'kube-system',
    name,
    storageClassName: 'fast',
    nodeLabels: {},
    capacityBytes: 100 * GI,
    maximumVolumeBytes: undefined,
    ...rest,
  };
}

export function csiNodeFacts(name: string, attachLimit: number | undefined, driver = DRIVER): CsiNodeFacts {
  return { name, drivers: [{ name: driver, attachLimit, topologyKeys: [] }] };
}

export function attachmentFacts(name: string, rest: Partial<AttachmentFacts> = {}): AttachmentFacts {
  return { uid: `uid-${name}`, name, driver: DRIVER, nodeName: '', volumeName: '', attached: true, ...rest };
}

/** A pool over class "fast"; `perZone` declares budgets. */
export function storagePool(
  name: string,
  rest: Partial<StoragePool['spec']> & { perZone?: Record<string, string> } = {},
): StoragePool {
  const { perZone, ...spec } = rest;
  const declared = Object.entries(perZone ?? {}).map(([zone, size]) => ({ zone, size }));
  return {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'StoragePool',
    metadata: metadata(name, ''),
    spec: {
      storageClassName: 'fast',
      capacity: perZone === undefined ? { source: 'CSI', perZone: [] } : { source: 'Declared', perZone: declared },
      reclaimPolicy: 'Retain',
      allowExpansion: true,
      snapshots: { enabled: false, deletionPolicy: 'Retain', parameters: {} },
      ...spec,
    },
  };
}

/** A held slot of 1 CPU and 1Gi. */
export function slot(member: string, node: string, rest: Partial<Slot> = {}): Slot {
  return {
    member,
    node,
    zone: '',
    resources: { cpu: '1', memory: '1Gi', pods: '1' },
    volumes: [],
    state: 'Held',
    decision: '',
    podUID: '',
    epoch: 1,
    acceptedAt: '2026-01-01T00:00:00Z',
    ...rest,
  };
}

/** The Reservation of app `name` (UID `uid-<name>`) in namespace "shop". */
export function reservation(
  name: string,
  slots: readonly Slot[],
  options: { readonly framework?: string; readonly appUid?: string } = {},
): Reservation {
  return {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'Reservation',
    metadata: { ...metadata(name, 'shop'), labels: { [LABEL_FRAMEWORK]: options.framework ?? 'default' } },
    spec: {
      app: { name, uid: options.appUid ?? `uid-${name}` },
      slots,
      committedDecisions: [],
      summary: { slots: slots.length, claimed: 0, nodes: '' },
    },
  };
}

function metadata(name: string, namespace: string): Reservation['metadata'] {
  return {
    name,
    namespace,
    uid: `uid-object-${name}`,
    resourceVersion: '1',
    generation: 1,
    labels: {},
    annotations: {},
    finalizers: [],
    ownerReferences: [],
  };
}

export function rules(rest: Partial<PlacementRules> = {}): PlacementRules {
  return { constraints: [], policies: [], nodeSelector: {}, nodeAffinityTerms: undefined, tolerations: [], ...rest };
}

/** A new volume of 10Gi in class "fast". */
export function volumeDemand(claim: string, rest: Partial<VolumeDemand> = {}): VolumeDemand {
  return { claim, pool: '', storageClassName: 'fast', bytes: 10 * GI, ...rest };
}

type MemberOptions = Partial<Omit<MemberDemand, 'requests'>> & { readonly requests?: Amounts };

/** Member `<app>-<ordinal>` that asks for 1 CPU and 1Gi. */
export function memberDemand(app: string, ordinal: number, { requests, ...rest }: MemberOptions = {}): MemberDemand {
  return {
    member: `${app}-${ordinal}`,
    ordinal,
    requests: parseResourceList({ cpu: '1', memory: '1Gi', pods: 1, ...requests }),
    volumes: [],
    previousNode: '',
    ...rest,
  };
}

type DemandOptions = Partial<Omit<Demand, 'app' | 'rules'>> & {
  readonly count?: number;
  readonly member?: MemberOptions;
  readonly rules?: Partial<PlacementRules>;
};

/** App `name` (UID `uid-<name>`) in namespace "shop" and framework "default" that wants `count` (one) equal members, all or none. */
export function demand(
  name: string,
  { count = 1, member = {}, rules: wanted = {}, ...rest }: DemandOptions = {},
): Demand {
  const members = rest.members ?? Array.from({ length: count }, (_, ordinal) => memberDemand(name, ordinal, member));
  return {
    app: { namespace: 'shop', name, uid: `uid-${name}` },
    framework: 'default',
    priority: 0,
    pendingSinceSeconds: NOW,
    minMembers: members.length,
    placed: [],
    ...rest,
    members,
    rules: rules(wanted),
  };
}

export function tenant(name = 'default', rest: Partial<Tenant> = {}): Tenant {
  return {
    name,
    parent: undefined,
    weight: 1,
    guarantee: {},
    lendingLimit: {},
    limit: {},
    revocable: false,
    starvationSeconds: 300,
    ...rest,
  };
}

/** A view that has seen these nodes. */
export function viewOf(...nodes: readonly NodeFacts[]): ClusterView {
  const view = new ClusterView();
  for (const node of nodes) view.setNode(node);
  return view;
}
