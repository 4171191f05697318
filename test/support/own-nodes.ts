// Nodes whose kubelet is the test: it renews their Leases, says that their pods run, and stops doing so when the node is to be lost.
import type { KubeClient } from '../../src/kube/client.ts';
import type { ArrayControl } from '../cluster/array/array-control.ts';
import { fakeNode } from '../cluster/fake-nodes.ts';
import { waitUntil } from '../cluster/wait-until.ts';

const NODES = '/api/v1/nodes';
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
const STRATEGIC = 'application/strategic-merge-patch+json';
const MERGE = 'application/merge-patch+json';
const EVERY_MILLISECONDS = 400;
/** Sooner than kubelets do (10 s), so that the time of a loss is known. */
const RENEW_MILLISECONDS = 2000;

interface RawNode {
  readonly spec: { readonly taints?: ReadonlyArray<{ readonly key: string }> };
  readonly status: {
    readonly volumesAttached?: ReadonlyArray<{ readonly name: string }>;
    readonly volumesInUse?: readonly string[];
  };
}

interface RawPod {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly containers: ReadonlyArray<{ readonly name: string; readonly image: string }> };
  readonly status: { readonly phase?: string };
}

/** A number that no other node has; the zone is dealt by it (fake-nodes.ts). */
interface Place {
  readonly number: number;
  readonly zones: number;
}

/** Fake nodes are dealt to z1, z2 and z3. */
export const OWN_ZONE = 'z4';

export class OwnNodes {
  readonly #client: KubeClient;
  readonly #array: ArrayControl;
  /** When each node that is up renewed its Lease; milliseconds. */
  readonly #renewed = new Map<string, number>();
  #isStopped = false;
  #playing: Promise<void> = Promise.resolve();

  constructor(client: KubeClient, array: ArrayControl) {
    this.#client = client;
    this.#array = array;
  }

  /** Makes the nodes, in zones that have others too, and waits until pods may go there. */
  async add(...names: readonly string[]): Promise<void> {
    await this.#addAll(names, (index) => ({ number: 200 + index, zones: 3 }));
  }

  /** The same in a zone of their own, which is `OWN_ZONE`. */
  async addApart(...names: readonly string[]): Promise<void> {
    await this.#addAll(names, (index) => ({ number: 403 + 4 * index, zones: 4 }));
  }

  async #addAll(names: readonly string[], placeOf: (index: number) => Place): Promise<void> {
    await Promise.all(names.map((name, index) => this.#create(name, placeOf(index))));
    if (this.#renewed.size === 0) this.#playing = this.#play();
    for (const name of names) this.#renewed.set(name, 0);
    const isUsable = async (name: string): Promise<boolean> => {
      const { spec } = await this.#get(name);
      return !(spec.taints ?? []).some(({ key }) => key.startsWith('node.kubernetes.io/'));
    };
    for (const name of names) await waitUntil(`${name} is usable`, () => isUsable(name), { timeoutSeconds: 30 });
  }

  /** From now on the nodes say nothing; they are Ready for as long as nobody finds out. */
  silence(...names: readonly string[]): void {
    for (const name of names) this.#renewed.delete(name);
  }

  /** It says nothing, and everybody knows. */
  async crash(name: string): Promise<void> {
    this.silence(name);
    await this.#sayReady(name, 'False');
  }

  /** It is back, and says so at once. */
  async heal(name: string): Promise<void> {
    await this.#renew(name);
    this.#renewed.set(name, Date.now());
    await this.#sayReady(name, 'True');
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#playing;
  }

  async #create(name: string, { number, zones }: Place): Promise<void> {
    const array = this.#array;
    const driver = {
      topologyLabels: (node: string, zone: string) => array.topologyLabels(node, zone),
      fakeCsiNode: (node: string, attachLimit?: number) => array.fakeCsiNode(node, attachLimit),
    };
    const post = (path: string, body: unknown) => this.#client.request({ method: 'POST', path, body });
    await post('/apis/storage.k8s.io/v1/csinodes', this.#array.fakeCsiNode(name));
    const node = fakeNode(name, number, { count: 1, cpu: '8', memory: '16Gi', zones }, driver) as {
      readonly metadata: { readonly annotations: object };
    };
    // Not one of kwok's.
    const annotations = { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' };
    await post(NODES, { apiVersion: 'v1', kind: 'Node', ...node, metadata: { ...node.metadata, annotations } });
    const metadata = { name, namespace: 'kube-node-lease' };
    const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: microTime() };
    await post(LEASES, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
    await this.#sayReady(name, 'True');
  }

  async #play(): Promise<void> {
    while (!this.#isStopped) {
      for (const name of this.#renewed.keys()) await this.#live(name).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MILLISECONDS));
    }
  }

  async #live(name: string): Promise<void> {
    if (Date.now() - (this.#renewed.get(name) ?? 0) >= RENEW_MILLISECONDS) {
      await this.#renew(name);
      if (!this.#renewed.has(name)) return;
      this.#renewed.set(name, Date.now());
    }
    const query = { fieldSelector: `spec.nodeName=${name}` };
    const pods = await this.#client.request<{ items: readonly RawPod[] }>({
      method: 'GET',
      path: '/api/v1/pods',
      query,
    });
    for (const pod of pods.items) await this.#run(pod);
    await this.#useVolumes(name);
  }

  async #run({ metadata, spec, status }: RawPod): Promise<void> {
    const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
    if (metadata.deletionTimestamp !== undefined) {
      await this.#client.request({ method: 'DELETE', path, query: { gracePeriodSeconds: 0 } });
      return;
    }
    if (status.phase === 'Running') return;
    const now = new Date().toISOString();
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: now }];
    const containerStatuses = spec.containers.map(({ name, image }) => ({
      name,
      image,
      imageID: '',
      ready: true,
      restartCount: 0,
      state: { running: { startedAt: now } },
    }));
    const body = { status: { phase: 'Running', startTime: now, conditions, containerStatuses } };
    await this.#client.request({ method: 'PATCH', path: `${path}/status`, body, contentType: STRATEGIC });
  }

  /** As a kubelet says of what it has mounted: Kubernetes lets go of nothing else by itself. */
  async #useVolumes(name: string): Promise<void> {
    const { status } = await this.#get(name);
    const attached = (status.volumesAttached ?? []).map((volume) => volume.name).toSorted();
    if (JSON.stringify(attached) === JSON.stringify([...(status.volumesInUse ?? [])].toSorted())) return;
    await this.#patchStatus(name, { volumesInUse: attached }, MERGE);
  }

  async #renew(name: string): Promise<void> {
    const body = { spec: { renewTime: microTime() } };
    await this.#client.request({ method: 'PATCH', path: `${LEASES}/${name}`, body, contentType: MERGE });
  }

  async #sayReady(name: string, status: string): Promise<void> {
    const now = new Date().toISOString();
    const ready = { type: 'Ready', status, reason: 'Test', lastHeartbeatTime: now, lastTransitionTime: now };
    await this.#patchStatus(name, { conditions: [ready] }, STRATEGIC);
  }

  async #patchStatus(name: string, status: object, contentType: string): Promise<void> {
    await this.#client.request({ method: 'PATCH', path: `${NODES}/${name}/status`, body: { status }, contentType });
  }

  async #get(name: string): Promise<RawNode> {
    return this.#client.request<RawNode>({ method: 'GET', path: `${NODES}/${name}` });
  }
}

function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
