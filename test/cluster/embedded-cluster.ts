import type { Addresses } from './addresses.ts';
import type { ApiClient } from './api-client.ts';
import type { ArrayControl } from './array/start-array.ts';
import { clusterCommands } from './cluster-commands.ts';
import { auditLogPathOf } from './control-plane.ts';
import { kubeconfigPathOf } from './credentials.ts';
import { takeDown } from './down.ts';
import type { StartedParts } from './embedded.ts';
import { FakeNodes } from './fake-nodes.ts';
import type { Keeper } from './keeper.ts';
import { leaveToPerson } from './owner.ts';
import { QuickKubectl } from './quick-kubectl.ts';
import type { RealNode } from './real-node.ts';
import { waitUntilReady } from './real-nodes.ts';
import { requestServiceAccountKubeconfig } from './service-account.ts';
import type { FakeNodeSpec, TestCluster } from './test-cluster.ts';

/** A running embedded cluster in the hands of the process that started it. */
export class EmbeddedCluster implements TestCluster {
  readonly flavour = 'embedded';
  readonly kubeconfigPath: string;
  readonly binDir: string;
  readonly auditLogPath: string;
  readonly realNodes: readonly string[];
  readonly array?: ArrayControl;
  readonly kubectl: TestCluster['kubectl'];
  readonly helm: TestCluster['helm'];
  readonly #addresses: Addresses;
  readonly #keeper: Keeper;
  readonly #client: ApiClient;
  readonly #nodes: readonly RealNode[];
  readonly #fakes: FakeNodes;

  constructor(addresses: Addresses, keeper: Keeper, parts: StartedParts) {
    this.#addresses = addresses;
    this.#keeper = keeper;
    this.#client = parts.client;
    this.#nodes = parts.nodes;
    this.#fakes = new FakeNodes(parts.client, parts.array);
    this.kubeconfigPath = kubeconfigPathOf(addresses.stateDir, 'admin');
    this.binDir = parts.binDir;
    this.auditLogPath = auditLogPathOf(addresses.stateDir);
    this.realNodes = parts.nodes.map(({ name }) => name);
    if (parts.array !== undefined) this.array = parts.array;
    const programs = { kubectl: `${parts.binDir}/kubectl`, helm: `${parts.binDir}/helm` };
    const { kubectl, helm } = clusterCommands(programs, this.kubeconfigPath);
    this.helm = helm;
    const quick = new QuickKubectl(parts.client);
    this.kubectl = async (args, options = {}) => {
      const isPlain = options.kubeconfigPath === undefined && options.timeoutSeconds === undefined;
      return (isPlain ? quick.answer(args, options.input) : undefined) ?? kubectl(args, options);
    };
  }

  addFakeNodes(spec: FakeNodeSpec): Promise<readonly string[]> {
    return this.#fakes.add(spec);
  }

  removeFakeNodes(names: readonly string[]): Promise<void> {
    return this.#fakes.remove(names);
  }

  async partition(node: string): Promise<void> {
    await this.#node(node).partition();
  }

  async heal(node: string): Promise<void> {
    await this.#node(node).heal();
  }

  async powerCut(node: string): Promise<void> {
    await Promise.all([this.#node(node).powerCut(), this.array?.powerCut(node)]);
  }

  async powerOn(node: string): Promise<void> {
    const since = Date.now();
    await this.#node(node).powerOn();
    await this.array?.powerOn(node);
    await waitUntilReady(this.#addresses, this.#client, node, since);
  }

  async loadImage(tarPath: string): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.importImages(tarPath)));
  }

  serviceAccountKubeconfig(namespace: string, name: string): Promise<string> {
    const { stateDir } = this.#addresses;
    return requestServiceAccountKubeconfig(this.#client, this.kubeconfigPath, stateDir, { namespace, name });
  }

  leaveRunning(): void {
    this.#client.close();
    leaveToPerson(this.#addresses.stateDir);
    this.#keeper.dismiss();
  }

  async down(): Promise<void> {
    this.#client.close();
    await takeDown(this.#addresses);
    this.#keeper.dismiss();
  }

  #node(name: string): RealNode {
    const found = this.#nodes.find((node) => node.name === name);
    if (found === undefined)
      throw new Error(`${name} is no real node of this cluster; it has ${this.realNodes.join(', ') || 'none'}`);
    return found;
  }
}
