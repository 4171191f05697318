/** Which nodes a topology term admits: every label key must have one of the values. Terms of a list are alternatives. */
export type TopologyTerm = Readonly<Record<string, readonly string[]>>;

/** A PersistentVolumeClaim. `bytes` is what the spec requests; `actualBytes` what status says, 0 before it is bound. */
export interface ClaimFacts {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly phase: 'Pending' | 'Bound' | 'Lost';
  readonly deleting: boolean;
  readonly storageClassName: string;
  readonly volumeName: string;
  readonly bytes: number;
  readonly actualBytes: number;
  /** The `volume.kubernetes.io/selected-node` annotation, empty when absent. */
  readonly selectedNode: string;
  readonly conditions: readonly { readonly type: string; readonly message: string }[];
  /** What `status.allocatedResourceStatuses` says of a resize under way; absent: nothing. */
  readonly resizeStatus?: string;
  /** The VolumeAttributesClass that the spec asks for, and the one that the volume has; absent: none. */
  readonly attributesClass?: string;
  readonly currentAttributesClass?: string;
  /** `status.modifyVolumeStatus.status`; absent: nobody is changing its attributes. */
  readonly modifyStatus?: string;
}

/** A PersistentVolume. `nodeTerms` undefined: reachable from every node; a list: reachable where any term matches. */
export interface VolumeFacts {
  readonly uid: string;
  readonly name: string;
  readonly storageClassName: string;
  readonly driver: string;
  readonly volumeHandle: string;
  readonly bytes: number;
  readonly claim: { readonly namespace: string; readonly name: string; readonly uid: string } | undefined;
  readonly reclaimPolicy: string;
  readonly nodeTerms: readonly TopologyTerm[] | undefined;
  readonly phase: string;
  /** When the object was made, epoch seconds; absent: not known. */
  readonly createdAtSeconds?: number;
  /** More than one node may have it at once; absent: one only. */
  readonly isShared?: boolean;
  /** What it is about to be kept as, while its member gets a new volume; absent: its member keeps it. */
  readonly retiring?: RetiringVolume;
}

/** A PersistentVolume that its member is about to lose (recovery/retire-mark.ts), with what its next claim must say of it. */
export interface RetiringVolume {
  readonly appUid: string;
  readonly member: string;
  /** The claim that it had, and that claim's UID. */
  readonly claim: string;
  readonly claimUid: string;
  /** The claim that it gets. */
  readonly as: string;
  readonly accessModes: readonly string[];
  readonly volumeMode: string;
}

export interface StorageClassFacts {
  readonly name: string;
  readonly provisioner: string;
  readonly bindingMode: 'Immediate' | 'WaitForFirstConsumer';
  readonly allowExpansion: boolean;
  readonly reclaimPolicy: string;
  readonly allowedTopologies: readonly TopologyTerm[] | undefined;
  readonly isDefault: boolean;
}

/** A CSIStorageCapacity. `nodeLabels` are matchLabels of its nodeTopology; undefined: reachable from nowhere. */
export interface CapacityFacts {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly storageClassName: string;
  readonly nodeLabels: Readonly<Record<string, string>> | undefined;
  readonly capacityBytes: number;
  /** Largest single volume; undefined when the driver does not say. */
  readonly maximumVolumeBytes: number | undefined;
}

/** A CSINode: how many volumes each driver may attach to the node (undefined: no limit), and its topology keys. */
export interface CsiNodeFacts {
  readonly name: string;
  readonly drivers: readonly {
    readonly name: string;
    readonly attachLimit: number | undefined;
    readonly topologyKeys: readonly string[];
  }[];
}

/** A CSIDriver. `publishesCapacity`: it says how much each class has and where, and kube-scheduler takes its silence for "nothing". */
export interface DriverFacts {
  readonly name: string;
  readonly publishesCapacity: boolean;
  /** False: Kubernetes attaches and detaches nothing for it; absent: it does. */
  readonly attachRequired?: false;
}

export interface AttachmentFacts {
  readonly uid: string;
  readonly name: string;
  readonly driver: string;
  readonly nodeName: string;
  readonly volumeName: string;
  readonly attached: boolean;
  /** It is being taken away; absent: it is not. */
  readonly deleting?: boolean;
}
