import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildTools } from '../build-tools.ts';
import type { ArrayControl } from './array-control.ts';
import { CsiClient } from './csi-client.ts';
import { controllerSocket, nodeSocket } from './driver-name.ts';
import type { PoolSpec } from './pools.ts';
import { findArrayFile, loadService } from './protos.ts';
import { startArray } from './start-array.ts';

const MIB = 2 ** 20;

/** The array makes devices and mounts, which only root on Linux may. */
export const MAY_MOUNT = process.platform === 'linux' && process.getuid?.() === 0;

export const CAPABILITY = { mount: { fs_type: '' }, access_mode: { mode: 'SINGLE_NODE_WRITER' } };

/** Where a volume is on a node. */
export interface MountedVolume {
  readonly volume: string;
  readonly node: string;
  readonly context: Readonly<Record<string, string>>;
  readonly stagingPath: string;
  /** What the pod sees. */
  readonly target: string;
}

export interface NewTestVolume {
  /** Default 320. */
  readonly mebibytes?: number;
  readonly pool?: string;
  /** A message VolumeContentSource. */
  readonly source?: object;
}

const NODES = [
  { name: 'n1', zone: 'z1' },
  { name: 'n2', zone: 'z2' },
];

/** A running array with the nodes n1 and n2 and no cluster around it: the test is attacher and kubelet itself. */
export class TestArray {
  readonly stateDir: string;
  readonly control: ArrayControl;
  readonly #clients: ReadonlyMap<string, CsiClient>;

  constructor(stateDir: string, control: ArrayControl, clients: ReadonlyMap<string, CsiClient>) {
    this.stateDir = stateDir;
    this.control = control;
    this.#clients = clients;
  }

  /** One CSI call to the controller, or to a node. */
  call<T = object>(name: string, request: object, where = 'controller'): Promise<T> {
    const client = this.#clients.get(where);
    if (client === undefined) throw new Error(`the test has no node ${where}`);
    return client.call(name, request);
  }

  /** Returns the new volume's id. */
  async create(name: string, { mebibytes = 320, pool, source }: NewTestVolume = {}): Promise<string> {
    const answer = await this.call<{ volume: { volume_id: string } }>('CreateVolume', {
      name,
      capacity_range: { required_bytes: mebibytes * MIB },
      volume_capabilities: [CAPABILITY],
      parameters: pool === undefined ? {} : { pool },
      ...(source === undefined ? {} : { volume_content_source: source }),
    });
    return answer.volume.volume_id;
  }

  /** Returns the publish context. */
  async attach(volume: string, node: string): Promise<Readonly<Record<string, string>>> {
    const request = { volume_id: volume, node_id: node, volume_capability: CAPABILITY };
    const answer = await this.call<{ publish_context: Record<string, string> }>('ControllerPublishVolume', request);
    return answer.publish_context;
  }

  async detach(volume: string, node: string): Promise<void> {
    await this.call('ControllerUnpublishVolume', { volume_id: volume, node_id: node });
  }

  /** Attaches, stages and publishes, for the one pod. */
  async mount(volume: string, node: string, pod = 'pod'): Promise<MountedVolume> {
    const context = await this.attach(volume, node);
    const stagingPath = join(this.stateDir, node, 'staging', volume);
    const mounted = { volume, node, context, stagingPath, target: join(this.stateDir, node, 'pods', pod, volume) };
    await this.call('NodeStageVolume', this.#stageRequest(mounted), node);
    await this.publish(mounted);
    return mounted;
  }

  /** NodePublishVolume alone, as for a further pod on a node that has the volume staged already. */
  async publish(mounted: MountedVolume, mode = CAPABILITY.access_mode.mode): Promise<void> {
    mkdirSync(dirname(mounted.target), { recursive: true });
    const volume_capability = { ...CAPABILITY, access_mode: { mode } };
    const request = { ...this.#stageRequest(mounted), volume_capability, target_path: mounted.target };
    await this.call('NodePublishVolume', request, mounted.node);
  }

  async unmount({ volume, node, stagingPath, target }: MountedVolume): Promise<void> {
    await this.call('NodeUnpublishVolume', { volume_id: volume, target_path: target }, node);
    await this.call('NodeUnstageVolume', { volume_id: volume, staging_target_path: stagingPath }, node);
  }

  async stop(): Promise<void> {
    for (const client of this.#clients.values()) client.close();
    await this.control.stop();
    rmSync(this.stateDir, { recursive: true, force: true });
  }

  #stageRequest({ volume, context, stagingPath }: MountedVolume) {
    return {
      volume_id: volume,
      publish_context: context,
      staging_target_path: stagingPath,
      volume_capability: CAPABILITY,
    };
  }
}

export async function startTestArray(pools?: readonly PoolSpec[]): Promise<TestArray> {
  // The protocol files lie beside the cluster's programs.
  const [binDir = ''] = await buildTools(['kubernetes'], (line) => console.log(line));
  const stateDir = mkdtempSync(join(tmpdir(), 'proffer-array-'));
  const nodes = NODES.map((node) => ({ ...node, kubeletRoot: join(stateDir, node.name), attachLimit: 8 }));
  const options = { stateDir, nodes, binDir, kubeconfigPath: '', sidecars: false };
  const control = await startArray(pools === undefined ? options : { ...options, pools });
  const proto = await findArrayFile('csi', binDir, () => {});
  const services = ['Identity', 'Controller', 'GroupController', 'Node'].map((name) =>
    loadService(proto, `csi.v1.${name}`),
  );
  const sockets = nodes.map(({ name, kubeletRoot }) => [name, nodeSocket(kubeletRoot)] as const);
  const all = [['controller', controllerSocket(stateDir)] as const, ...sockets];
  return new TestArray(stateDir, control, new Map(all.map(([name, path]) => [name, new CsiClient(path, services)])));
}
