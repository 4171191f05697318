/** A VolumeSnapshot. `bytes` is the least size of a volume made from it, 0 while nobody knows. */
export interface SnapshotFacts {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** UID of its controller, empty without one. */
  readonly ownerUid: string;
  /** Name of the controller when that is an AppBackup, else empty. */
  readonly backup: string;
  /** The VolumeGroupSnapshot that it was made for; absent: it was taken for itself. */
  readonly group?: { readonly name: string; readonly uid: string };
  /** The claim that it is of, empty when it was made from a content. */
  readonly claim: string;
  readonly className: string;
  readonly readyToUse: boolean;
  readonly bytes: number;
  /** What the driver or the snapshot controller said went wrong, empty when nothing did. */
  readonly error: string;
  readonly deleting: boolean;
}

/** A VolumeGroupSnapshot: one moment of several volumes. The snapshot controller makes a VolumeSnapshot of each of them. */
export interface GroupSnapshotFacts {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** UID of its controller, empty without one. */
  readonly ownerUid: string;
  /** Name of the controller when that is an AppBackup, else empty. */
  readonly backup: string;
  readonly readyToUse: boolean;
  /** What the driver or the snapshot controller said went wrong, empty when nothing did. */
  readonly error: string;
  readonly deleting: boolean;
}

/** A VolumeSnapshotClass, or a VolumeGroupSnapshotClass. */
export interface SnapshotClassFacts {
  readonly name: string;
  readonly driver: string;
  /** Retain: what is on the storage stays when the VolumeSnapshot is deleted. */
  readonly deletionPolicy: string;
  readonly isDefault: boolean;
}

/** Whether the API server has the snapshot kinds, which come from CRDs. `reading`: nobody knows yet, or not all of them are read. */
export type SnapshotKinds = 'missing' | 'reading' | 'served';
