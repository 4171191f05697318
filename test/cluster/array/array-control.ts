import type { ActiveFault, Fault, FaultKind } from './faults.ts';

/** A volume of the array. Sizes in bytes. */
export interface VolumeInfo {
  readonly id: string;
  /** Name given by the provisioner: `pvc-<UID of the claim>`. */
  readonly name: string;
  /** `namespace/name` of the claim it was made for, if known. */
  readonly claim: string | undefined;
  readonly pool: string;
  /** Zone or node that it is bound to; undefined in a pool of scope Cluster. */
  readonly segment: string | undefined;
  readonly capacityBytes: number;
  /** Undefined until its first mount. */
  readonly fileSystem: string | undefined;
  readonly abnormal: boolean;
  readonly condition: string;
}

/** Which node a volume is attached to. At most one per volume. */
export interface AttachmentInfo {
  readonly volume: string;
  readonly node: string;
  /** Counts the attachments of this volume, from 1. A mount of an older generation can no longer write. */
  readonly generation: number;
  /** RFC 3339 with milliseconds. */
  readonly attachedAt: string;
}

/** How a node's access to a volume ended. */
export type WriterEnd = 'unstaged' | 'fenced' | 'powerCut' | 'restaged';

/** A span of time in which a node could write to a volume. Milliseconds since the epoch; `to` is undefined while it still can. */
export interface WriterSpan {
  readonly volume: string;
  readonly node: string;
  readonly generation: number;
  readonly from: number;
  readonly to: number | undefined;
  readonly end: WriterEnd | undefined;
}

export interface ArrayNode {
  readonly name: string;
  readonly kubeletRoot: string;
  /** Default `z1`. */
  readonly zone?: string;
  /** How many volumes may be attached at once. Default 32. */
  readonly attachLimit?: number;
  /** Not used: sockets and mounts are not bound to a network namespace. */
  readonly netns?: string;
}

/** The array in a test's hands. Every method talks to the array's own process, which may be another machine's worth of busy. */
export interface ArrayControl {
  readonly driver: string;
  /** The StorageClass of each pool, by the pool's name. */
  readonly storageClasses: Readonly<Record<string, string>>;
  /** Labels that a node of that zone carries, once the driver is registered: for fake nodes. */
  topologyLabels(node: string, zone: string): Readonly<Record<string, string>>;
  /** The CSINode of a fake node. Create it before any pod runs there. */
  fakeCsiNode(node: string, attachLimit?: number): object;
  volumes(): Promise<readonly VolumeInfo[]>;
  /** The volume made for a claim (`namespace/name`). */
  volumeOfClaim(claim: string): Promise<VolumeInfo | undefined>;
  attachments(): Promise<readonly AttachmentInfo[]>;
  /** Who could write to the volume and when, in order. Without a volume: of all volumes, also deleted ones. */
  writers(volume?: string): Promise<readonly WriterSpan[]>;
  /** How often each CSI call came in since the array started. */
  calls(): Promise<Readonly<Record<string, number>>>;
  inject(fault: Fault): Promise<ActiveFault>;
  faults(): Promise<readonly ActiveFault[]>;
  /** Ends one fault, all of a kind, or all. */
  heal(which?: number | FaultKind): Promise<void>;
  /** Makes the driver known to one more real node. */
  addNode(node: ArrayNode): Promise<void>;
  /** Writes of the node stop at once and its unwritten data is lost; its mounts and sockets vanish. The array still holds it attached. */
  powerCut(node: string): Promise<void>;
  /** The node's driver answers again. */
  powerOn(node: string): Promise<void>;
  /** SIGKILL for the array's process. Mounted volumes go on working, as with real storage. */
  kill(): Promise<void>;
  /** Starts it again after kill. */
  restart(): Promise<void>;
  /** Ends everything: sidecars, mounts, loop devices. Idempotent. The records stay on disk. */
  stop(): Promise<void>;
}
