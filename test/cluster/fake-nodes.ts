import type { ApiClient } from './api-client.ts';
import { DRIVER } from './array/driver-name.ts';
import type { ArrayControl } from './array/start-array.ts';
import { KWOK_ANNOTATION } from './kwok.ts';
import type { FakeNodeSpec } from './test-cluster.ts';
import { waitUntil } from './wait-until.ts';

/** What the array says of a node: the part of ArrayControl that is needed here. */
export type DriverOnNode = Pick<ArrayControl, 'topologyLabels' | 'fakeCsiNode'>;

const ARCHITECTURE = 'amd64';

const zoneOf = (spec: FakeNodeSpec, number: number): string => `z${(number % (spec.zones ?? 3)) + 1}`;

/** The Node object. Its status is given at creation; kwok adds the conditions. */
export function fakeNode(name: string, number: number, spec: FakeNodeSpec, driver: DriverOnNode | undefined): object {
  const zone = zoneOf(spec, number);
  const resources = {
    cpu: spec.cpu ?? '4',
    memory: spec.memory ?? '16Gi',
    pods: String(spec.pods ?? 110),
    'ephemeral-storage': '100Gi',
    ...spec.extendedResources,
  };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': ARCHITECTURE,
        'topology.kubernetes.io/zone': zone,
        type: 'kwok',
        ...driver?.topologyLabels(name, zone),
        ...spec.labels,
      },
      annotations: {
        [KWOK_ANNOTATION]: 'fake',
        // Before any pod: else the attach controller leaves the node's volumes to a kubelet that does not exist.
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
      },
    },
    spec: { taints: spec.taints ?? [] },
    status: {
      capacity: resources,
      allocatable: resources,
      addresses: [
        { type: 'InternalIP', address: `198.18.${Math.floor(number / 250) % 256}.${(number % 250) + 1}` },
        { type: 'Hostname', address: name },
      ],
      nodeInfo: { architecture: ARCHITECTURE, operatingSystem: 'linux' },
    },
  };
}

/** Without the array an attach limit still needs a driver to belong to: the array's, which then exists in name only. */
const NAME_ONLY: DriverOnNode = {
  topologyLabels: () => ({}),
  fakeCsiNode: (name, attachLimit) => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSINode',
    metadata: { name },
    spec: { drivers: [{ name: DRIVER, nodeID: name, topologyKeys: [], allocatable: { count: attachLimit } }] },
  }),
};

interface NodeState {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly taints?: ReadonlyArray<{ readonly key: string }> };
  readonly status: { readonly conditions?: ReadonlyArray<{ readonly type: string; readonly status: string }> };
}

function isSchedulable(node: NodeState): boolean {
  const ready = node.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  return ready && !(node.spec.taints ?? []).some(({ key }) => key.startsWith('node.kubernetes.io/'));
}

/** Creates and removes the fake nodes of one cluster. */
export class FakeNodes {
  readonly #client: ApiClient;
  readonly #array: DriverOnNode | undefined;
  readonly #next = new Map<string, number>();

  constructor(client: ApiClient, array: DriverOnNode | undefined) {
    this.#client = client;
    this.#array = array;
  }

  /** Waits until all are Ready and free of the taints of new nodes: a thousand take about ten seconds. */
  async add(spec: FakeNodeSpec): Promise<readonly string[]> {
    const prefix = spec.prefix ?? 'fake';
    const first = this.#next.get(prefix) ?? 0;
    this.#next.set(prefix, first + spec.count);
    const numbers = Array.from({ length: spec.count }, (_, i) => first + i);
    await Promise.all(numbers.map((number) => this.#create(`${prefix}-${number}`, number, spec)));
    const names = numbers.map((number) => `${prefix}-${number}`);
    await this.#waitUntilSchedulable(names);
    return names;
  }

  async remove(names: readonly string[]): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        await this.#delete(`/api/v1/nodes/${name}`);
        await this.#delete(`/apis/storage.k8s.io/v1/csinodes/${name}`);
      }),
    );
  }

  async #create(name: string, number: number, spec: FakeNodeSpec): Promise<void> {
    const driver = this.#array ?? (spec.attachLimit === undefined ? undefined : NAME_ONLY);
    if (driver !== undefined) {
      // Before the node, so that no pod gets there first.
      await this.#client.send('POST', '/apis/storage.k8s.io/v1/csinodes', driver.fakeCsiNode(name, spec.attachLimit));
    }
    await this.#client.send('POST', '/api/v1/nodes', fakeNode(name, number, spec, driver));
  }

  async #waitUntilSchedulable(names: readonly string[]): Promise<void> {
    const missing = new Set(names);
    await waitUntil(
      `${names.length} fake nodes becoming Ready`,
      async () => {
        const path =
          names.length === 1
            ? `/api/v1/nodes?fieldSelector=metadata.name=${names[0]}`
            : '/api/v1/nodes?resourceVersion=0';
        const { items } = await this.#client.send<{ items: readonly NodeState[] }>('GET', path);
        for (const node of items) if (isSchedulable(node)) missing.delete(node.metadata.name);
        return missing.size === 0;
      },
      { timeoutSeconds: 60 + names.length / 20, everyMilliseconds: names.length > 100 ? 500 : 100 },
    );
  }

  async #delete(path: string): Promise<void> {
    try {
      await this.#client.send('DELETE', path);
    } catch (error) {
      if (!(error instanceof Error && 'status' in error && error.status === 404)) throw error;
    }
  }
}
