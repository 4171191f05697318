import { rmSync } from 'node:fs';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { type ArrayState, type NodeRecord, stageKey } from './array-state.ts';
import { callGate } from './call-gate.ts';
import { CsiError } from './csi-error.ts';
import { nodeSocket, registrationSocket } from './driver-name.ts';
import { FENCED_BYTES } from './fencing.ts';
import { identityService } from './identity-service.ts';
import { detachLoop, limitLoop } from './loop-device.ts';
import { mounts, unmountAll } from './mount-table.ts';
import { nodeService } from './node-service.ts';
import { register } from './registration.ts';
import { type GrpcServer, serveGrpc } from './serve-grpc.ts';

export interface NodeServices {
  readonly identity: ServiceDefinition;
  readonly node: ServiceDefinition;
  readonly registration: ServiceDefinition;
}

/** The driver's part on each node: two sockets that come and go with the node's power. */
export class NodeServers {
  readonly #array: ArrayState;
  readonly #services: NodeServices;
  readonly #servers = new Map<string, readonly GrpcServer[]>();

  constructor(array: ArrayState, services: NodeServices) {
    this.#array = array;
    this.#services = services;
  }

  /** Idempotent. A node that is powered off stays so. */
  async start(node: NodeRecord): Promise<void> {
    this.#array.nodes.put(node.name, node);
    if (node.poweredOff || this.#servers.has(node.name)) return;
    this.#servers.set(node.name, []);
    const { identity, node: service, registration } = this.#services;
    const served = [
      { service: identity, calls: identityService },
      { service, calls: nodeService(this.#array, node) },
    ];
    const csi = await serveGrpc(nodeSocket(node.kubeletRoot), served, callGate(this.#array, node.name));
    this.#servers.set(node.name, [csi, await register(node.kubeletRoot, registration, this.#array.log)]);
  }

  /**
   * What losing power means for the node's volumes: no more writes, unwritten data is gone, mounts are gone. The array does not know
   * why, so the attachments stay. Containers should be killed before or right after.
   */
  async powerOff(name: string): Promise<void> {
    const node = this.#get(name);
    this.#array.nodes.put(name, { ...node, poweredOff: true });
    this.#close(name);
    rmSync(nodeSocket(node.kubeletRoot), { force: true });
    rmSync(registrationSocket(node.kubeletRoot), { force: true });
    for (const stage of this.#array.stages.list().filter((record) => record.node === name)) {
      await this.#array.lock.run(stage.volume, () => this.#cut(stage.volume, name));
    }
  }

  async powerOn(name: string): Promise<void> {
    await this.start({ ...this.#get(name), poweredOff: false });
  }

  stop(): void {
    for (const name of this.#servers.keys()) this.#close(name);
  }

  #get(name: string): NodeRecord {
    const node = this.#array.nodes.get(name);
    if (node === undefined) throw new CsiError('NOT_FOUND', `the array has no node ${name}`);
    return node;
  }

  #close(name: string): void {
    for (const server of this.#servers.get(name) ?? []) server.close();
    this.#servers.delete(name);
  }

  async #cut(volume: string, node: string): Promise<void> {
    const key = stageKey(volume, node);
    const stage = this.#array.stages.get(key);
    if (stage === undefined) return;
    await this.#array.slowDisks.stop(stage.stagingPath);
    const { device } = stage;
    if (device !== undefined && (await limitLoop(device, this.#array.volumes.image(volume), FENCED_BYTES))) {
      // First, while the device is surely this volume's: the last unmount frees its name for somebody else.
      const mounted = mounts().filter(({ source }) => source === device);
      await detachLoop(device, this.#array.volumes.image(volume));
      for (const { mountPoint } of mounted) await unmountAll(mountPoint);
    }
    this.#array.writers.close(volume, node, 'powerCut');
    this.#array.stages.delete(key);
  }
}
