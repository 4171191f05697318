import type { AppOperation, AppOperationStatus } from '../../api/app-operation.ts';
import type { PersistentAppStatus } from '../../api/persistent-app.ts';
import type { Slot } from '../../api/reservation.ts';
import type { RemovalWord } from '../backup/claim-removal.ts';
import type { RetireMark } from '../recovery/retire-mark.ts';
import type { Demand } from '../allocator/demand.ts';

/** An object as the API server takes it. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** A write that the shell performs. Every one is idempotent and named; those that destroy carry the UID they mean. */
export type Action =
  /** Server-side apply with field manager `proffer`. `isLive`: only to the app's own object, as it is now, whatever the cache shows. */
  | { readonly kind: 'apply'; readonly object: KubeObject; readonly isLive?: boolean }
  /**
   * Merge patch of labels and annotations (null removes), on this UID only. `unlessAnnotated`: nothing, when a live read finds this
   * annotation there already: for marks that say when, or what was meant then, which what is in memory may be too old to say again.
   */
  | {
      readonly kind: 'mark';
      readonly target: {
        readonly apiVersion: string;
        readonly kind: string;
        readonly namespace: string;
        readonly name: string;
        readonly uid: string;
      };
      readonly labels?: Readonly<Record<string, string | null>>;
      readonly annotations?: Readonly<Record<string, string | null>>;
      readonly unlessAnnotated?: string;
    }
  /**
   * Graceful delete of a pod, after a live read, with the UID precondition. The StatefulSet makes the new one. `evict`: only as far as
   * disruption budgets let it go.
   */
  | {
      readonly kind: 'deletePod';
      readonly namespace: string;
      readonly name: string;
      readonly uid: string;
      readonly evict?: true;
      readonly why: string;
    }
  /**
   * Remove a pod of a lost node at once, after a live read of the pod and of its node's Lease: nothing when the pod is another one, or the
   * node has renewed its Lease since `renewedAt`.
   */
  | {
      readonly kind: 'forceDeletePod';
      readonly namespace: string;
      readonly name: string;
      readonly uid: string;
      readonly nodeName: string;
      /** Empty when its object is gone. */
      readonly nodeUID: string;
      readonly renewedAt: string;
      readonly why: string;
    }
  /** Put the out-of-service taint on a lost node, marked as ours; nothing when it renewed its Lease since `renewedAt`. */
  | {
      readonly kind: 'declareOutOfService';
      readonly nodeName: string;
      readonly uid: string;
      readonly renewedAt: string;
      readonly why: string;
    }
  /** Ask the fencing hook to cut a lost node off, unless it is asked already; nothing when the node renewed its Lease since `renewedAt`. */
  | {
      readonly kind: 'askFencing';
      readonly nodeName: string;
      /** Of the Node. */
      readonly uid: string;
      readonly renewedAt: string;
      /** `namespace/pod` of the member that waits for it. */
      readonly member: string;
      readonly why: string;
    }
  /** Detach a volume from a lost node; nothing when the node renewed its Lease since `renewedAt`. */
  | {
      readonly kind: 'deleteAttachment';
      readonly name: string;
      readonly uid: string;
      readonly nodeName: string;
      /** Empty when its object is gone. */
      readonly nodeUID: string;
      readonly volumeName: string;
      readonly renewedAt: string;
      readonly why: string;
    }
  /** Ask for more storage, or for other attributes, on this claim only: after a live read, and never for less than it asks for by then. */
  | {
      readonly kind: 'changeClaim';
      readonly namespace: string;
      readonly name: string;
      readonly uid: string;
      /** As Kubernetes writes it; absent: the size stays. */
      readonly size?: string;
      readonly attributesClass?: string;
      /** Set when the claim grows by itself (RFC 3339). */
      readonly grownAt?: string;
      readonly why: string;
    }
  /**
   * Remove a StatefulSet and leave its pods running without it, after a live read and after the API server has said that it would take
   * `next`, which is to be made in its place. `adopts`: it is not ours yet, and is removed only while it has no owner and controls exactly
   * these pods, and nothing would go with it.
   */
  | {
      readonly kind: 'orphanPods';
      readonly namespace: string;
      readonly name: string;
      readonly uid: string;
      readonly next: KubeObject;
      readonly why: string;
      readonly adopts?: {
        readonly pods: readonly { readonly name: string; readonly uid: string }[];
        /** Names of claims that exist, and that nobody owns. */
        readonly claims: readonly string[];
      };
    }
  /** Make an object that does not exist; one of its name that says the same is it. Its name follows from what it is for. */
  | { readonly kind: 'create'; readonly object: KubeObject; readonly why: string }
  /** Delete a claim because the app says so, after live reads of the app, the claim, the member's pod and, where one is asked for, the snapshot. */
  | {
      readonly kind: 'removeClaim';
      readonly namespace: string;
      readonly name: string;
      readonly uid: string;
      readonly ordinal: number;
      readonly word: RemovalWord;
      readonly why: string;
    }
  /** Delete an AppBackup that the schedule made, and with it its VolumeSnapshots. */
  | {
      readonly kind: 'deleteBackup';
      readonly namespace: string;
      readonly name: string;
      readonly uid: string;
      /** What `spec.backup.keep` said. */
      readonly keep: number;
      readonly why: string;
    }
  /** Let the app stay, when it is deleted, until its volumes are seen to; or let it go. */
  | {
      readonly kind: 'holdApp';
      readonly namespace: string;
      readonly name: string;
      readonly uid: string;
      readonly hold: boolean;
    }
  /** Set `spec.suspend` of the app itself, for an AppOperation. */
  | {
      readonly kind: 'suspend';
      readonly namespace: string;
      readonly name: string;
      readonly uid: string;
      readonly suspend: boolean;
      readonly why: string;
    }
  /** Remove an AppOperation that ended long ago. */
  | { readonly kind: 'deleteOperation'; readonly namespace: string; readonly name: string; readonly uid: string }
  /**
   * Retain a PersistentVolume, and write on it as which claim it will be kept; nothing when it is not the volume of that claim. Without a
   * mark: take the mark off.
   */
  | {
      readonly kind: 'markVolume';
      readonly name: string;
      readonly uid: string;
      readonly namespace: string;
      readonly mark: RetireMark | undefined;
    }
  /** Delete the claim of a volume that is retained and marked so, after live reads of both and of the member's pod, which must run nowhere. */
  | {
      readonly kind: 'releaseClaim';
      readonly namespace: string;
      readonly name: string;
      readonly uid: string;
      readonly volumeName: string;
      readonly member: string;
      readonly why: string;
    }
  /** Give a released volume that is marked so to the claim that keeps it, in one patch. */
  | { readonly kind: 'rereferVolume'; readonly name: string; readonly uid: string; readonly namespace: string }
  /** Delete an owned object that should no longer exist (a PDB of a one-replica app). Never a claim, a volume or a pod. */
  | {
      readonly kind: 'deleteOwned';
      readonly apiVersion: string;
      readonly objectKind: string;
      readonly namespace: string;
      readonly name: string;
      readonly uid: string;
    };

export interface AppEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** What an app needs now. `slots` is what its Reservation should hold of what it holds (released ones left out); new ones come from `demand`. */
export interface Plan {
  readonly actions: readonly Action[];
  readonly slots: readonly Slot[];
  readonly demand: Demand | undefined;
  readonly status: PersistentAppStatus;
  readonly events: readonly AppEvent[];
  /** The app's AppOperations whose status says something new. */
  readonly operations?: readonly { readonly operation: AppOperation; readonly status: AppOperationStatus }[];
  /** Look again after this long even if nothing changes; undefined: only on change. */
  readonly wakeAfterSeconds: number | undefined;
}
