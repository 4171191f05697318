import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Addresses, NodeAddresses } from './addresses.ts';
import { createCgroup, killCgroup } from './cgroups.ts';
import { run } from './command.ts';
import { isRunning, logTail, startComponent, stopComponents } from './component.ts';
import { kubeconfigPathOf } from './credentials.ts';
import { copyContent } from './images/copy-content.ts';
import { unmountUnder } from './mounts.ts';
import { createNodeNetwork, cutLink, restoreLink } from './network.ts';
import {
  cniConfig,
  containerdConfig,
  containerdRootOf,
  containerdSocketOf,
  kubeletConfig,
  kubeletRootOf,
} from './node-configs.ts';
import { killShims } from './shims.ts';
import { waitUntil } from './wait-until.ts';

/** What all real nodes of a cluster share. */
export interface RealNodeSettings {
  readonly cluster: Addresses;
  readonly binDir: string;
  readonly dns: boolean;
  /** Folder of containerd's content with the images in it, which every node starts from. */
  readonly imagesRoot: string;
}

/** A node that runs containers: a network namespace with a containerd, a kubelet and a kube-proxy in it. */
export class RealNode {
  readonly addresses: NodeAddresses;
  readonly #settings: RealNodeSettings;

  constructor(addresses: NodeAddresses, settings: RealNodeSettings) {
    this.addresses = addresses;
    this.#settings = settings;
  }

  get name(): string {
    return this.addresses.name;
  }

  /** Prepares folders, network and cgroup, and boots. Returns when containerd answers; the Node object becomes Ready later. */
  async create(others: readonly NodeAddresses[]): Promise<void> {
    const { addresses } = this;
    for (const folder of ['cni', 'podlogs', 'volume-plugins'])
      mkdirSync(join(addresses.stateDir, folder), { recursive: true });
    await copyContent(this.#settings.imagesRoot, containerdRootOf(addresses));
    await createNodeNetwork(this.#settings.cluster, addresses, others);
    createCgroup(addresses.cgroup);
    this.#writeConfigs();
    await this.boot();
  }

  /** Starts everything that runs on the node. */
  async boot(): Promise<void> {
    this.#start('containerd', [`--config=${this.#path('containerd.toml')}`]);
    await waitUntil(`containerd of ${this.name} answering`, () => this.#containerdAnswers(), {
      timeoutSeconds: 30,
      everyMilliseconds: 50,
    });
    this.#start('kubelet', [
      `--config=${this.#path('kubelet.json')}`,
      `--kubeconfig=${kubeconfigPathOf(this.#settings.cluster.stateDir, `node-${this.name}`)}`,
      `--root-dir=${kubeletRootOf(this.addresses)}`,
      `--cert-dir=${this.#path('pki')}`,
      `--hostname-override=${this.name}`,
      `--node-ip=${this.addresses.ip}`,
      `--node-labels=topology.kubernetes.io/zone=${this.addresses.zone}`,
    ]);
    this.#start('kube-proxy', [
      '--proxy-mode=nftables',
      `--kubeconfig=${kubeconfigPathOf(this.#settings.cluster.stateDir, 'kube-proxy')}`,
      `--hostname-override=${this.name}`,
      `--cluster-cidr=${this.#settings.cluster.podCidr}`,
      // Limits of the whole machine, which a namespace must not set.
      '--conntrack-max-per-core=0',
      '--conntrack-min=0',
    ]);
  }

  /** Packets to and from the node are lost from now on. What runs there runs on. */
  partition(): Promise<void> {
    return cutLink(this.addresses);
  }

  heal(): Promise<void> {
    return restoreLink(this.addresses);
  }

  /** Everything on the node stops within the blink of an eye, and nobody is told. */
  async powerCut(): Promise<void> {
    await cutLink(this.addresses);
    await stopComponents(
      this.#settings.cluster.stateDir,
      ['kubelet', 'containerd', 'kube-proxy'].map((program) => this.#component(program)),
    );
    await killShims(this.addresses.stateDir);
    await killCgroup(this.addresses.cgroup);
  }

  /** What a machine forgets without power: mounts, running containers, their namespaces. Then it boots. */
  async powerOn(): Promise<void> {
    await unmountUnder(this.addresses.stateDir);
    rmSync(this.#path('state'), { recursive: true, force: true });
    rmSync(this.#path('runc'), { recursive: true, force: true });
    await restoreLink(this.addresses);
    await this.boot();
  }

  /** Imports a tar of container images (docker or OCI archive). */
  async importImages(tarPath: string): Promise<void> {
    const ctr = join(this.#settings.binDir, 'ctr');
    const socket = containerdSocketOf(this.addresses);
    await run(ctr, [`--address=${socket}`, '--namespace=k8s.io', 'images', 'import', '--local', tarPath], {
      timeoutSeconds: 120,
    });
  }

  #writeConfigs(): void {
    writeFileSync(this.#path('containerd.toml'), containerdConfig(this.addresses));
    writeFileSync(this.#path('cni/10-proffer.conflist'), JSON.stringify(cniConfig(this.addresses)));
    writeFileSync(
      this.#path('kubelet.json'),
      JSON.stringify(kubeletConfig(this.#settings.cluster, this.addresses, this.#settings.dns)),
    );
  }

  #start(program: string, args: readonly string[]): void {
    const { binDir, cluster } = this.#settings;
    startComponent(cluster.stateDir, {
      name: this.#component(program),
      command: join(binDir, program),
      args,
      env: { PATH: `${binDir}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin` },
      netns: this.addresses.netns,
    });
  }

  async #containerdAnswers(): Promise<boolean> {
    const component = this.#component('containerd');
    const { stateDir } = this.#settings.cluster;
    if (!isRunning(stateDir, component)) throw new Error(`it ended:\n${logTail(stateDir, component)}`);
    if (!existsSync(containerdSocketOf(this.addresses))) return false;
    await run(join(this.#settings.binDir, 'ctr'), [`--address=${containerdSocketOf(this.addresses)}`, 'version'], {
      timeoutSeconds: 5,
    });
    return true;
  }

  #component(program: string): string {
    return `${this.name}-${program}`;
  }

  #path(file: string): string {
    return join(this.addresses.stateDir, file);
  }
}
