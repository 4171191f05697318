import type { ArrayControl, ArrayOptions } from './array/start-array.ts';

/** How a command of the cluster is run. */
export interface CommandOptions {
  /** Text for the command's standard input. */
  readonly input?: string;
  /** Default 60. */
  readonly timeoutSeconds?: number;
  /** Whose credentials; default: the administrator's. */
  readonly kubeconfigPath?: string;
}

/** A taint as in a Node's spec. */
export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/** Nodes that run no container: kwok says that they are Ready and that their pods run. */
export interface FakeNodeSpec {
  readonly count: number;
  /** Default `fake`; names are `<prefix>-0`, `<prefix>-1`, … and go on counting in later calls. */
  readonly prefix?: string;
  /** Kubernetes quantity, default `4`. */
  readonly cpu?: string;
  /** Kubernetes quantity, default `16Gi`. */
  readonly memory?: string;
  /** Default 110. */
  readonly pods?: number;
  /** Zones z1…zN, dealt in turn; default 3. */
  readonly zones?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  /** How many volumes of the array's driver may be attached at once; default: no limit. */
  readonly attachLimit?: number;
  /** More entries of capacity and allocatable, for instance `nvidia.com/gpu: 4`. */
  readonly extendedResources?: Readonly<Record<string, string>>;
}

/** A cluster that tests and the demo run on. They don't know which of the three flavours it is. */
export interface TestCluster {
  readonly flavour: 'embedded' | 'kind' | 'current';
  readonly kubeconfigPath: string;
  /** Folder with the built binaries; undefined where the cluster brings its own. */
  readonly binDir: string | undefined;
  /** The API server's audit log, one JSON event per line: all writes at metadata level, no reads. */
  readonly auditLogPath?: string;
  /** Names of the nodes that run containers. */
  readonly realNodes: readonly string[];
  /** The test CSI driver, when it was asked for. */
  readonly array?: ArrayControl;
  kubectl(args: readonly string[], options?: CommandOptions): Promise<string>;
  helm(args: readonly string[], options?: CommandOptions): Promise<string>;
  /** Creates fake nodes and waits until they are Ready. Returns their names. */
  addFakeNodes(spec: FakeNodeSpec): Promise<readonly string[]>;
  removeFakeNodes(names: readonly string[]): Promise<void>;
  /** Cuts the node's network link; its containers run on. */
  partition(node: string): Promise<void>;
  heal(node: string): Promise<void>;
  /** Kills everything that runs on the node, at once. */
  powerCut(node: string): Promise<void>;
  /** Boots the node again, as after a power cut: nothing runs, nothing is mounted, disks are as they were. */
  powerOn(node: string): Promise<void>;
  /** Makes a container image (tar of `docker save` form) known to all real nodes. */
  loadImage(tarPath: string): Promise<void>;
  /** Writes a kubeconfig with a token of that service account, valid for a day, and returns its path. */
  serviceAccountKubeconfig(namespace: string, name: string): Promise<string>;
  /** From now on only `down` ends the cluster, not the end of this process. */
  leaveRunning(): void;
  /** Stops the cluster and removes all that it put on this machine. May be called twice. */
  down(): Promise<void>;
}

/** What startCluster shall start. */
export interface ClusterOptions {
  /** 0..29: clusters of different index live side by side. Default: environment PROFFER_CLUSTER_INDEX, or 0. */
  readonly index?: number;
  /** How many nodes run containers; needs root on Linux. Default 0. */
  readonly realNodes?: number;
  /** Whether kwok runs, so that addFakeNodes works. Default true. */
  readonly fakeNodes?: boolean;
  /** Whether the test CSI driver runs. Default false. */
  readonly array?: boolean;
  /** Whether the real CSI sidecars run beside the array. Default: as `array`. */
  readonly sidecars?: boolean;
  /** Other pools than the array's default ones, snapshots, and the like. */
  readonly arrayOptions?: Pick<ArrayOptions, 'pools' | 'snapshots' | 'strictNodes'>;
  /** Archives of container images (OCI) that real nodes have from the start, unpacked once. */
  readonly imageArchives?: readonly string[];
  /** Default true. */
  readonly defaultScheduler?: boolean;
  /** Whether CoreDNS runs. Default: when there are real nodes. */
  readonly dns?: boolean;
  /** Where everything of this cluster is kept; default from the index. */
  readonly stateDir?: string;
  /** Called with one line for each step, and now and then during a long one. */
  readonly onProgress?: (line: string) => void;
}
