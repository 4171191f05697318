import type { PersistentAppStatus } from '../../api/persistent-app.ts';
import type { Slot } from '../../api/reservation.ts';
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
  /** Server-side apply with field manager `proffer`. */
  | { readonly kind: 'apply'; readonly object: KubeObject }
  /** Merge patch of labels and annotations (null removes), on this UID only. */
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
    }
  /** Graceful delete of a pod, after a live read, with the UID precondition. The StatefulSet makes the new one. */
  | {
      readonly kind: 'deletePod';
      readonly namespace: string;
      readonly name: string;
      readonly uid: string;
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
  /** Detach a volume from a lost node; nothing when the node renewed its Lease since `renewedAt`. */
  | {
      readonly kind: 'deleteAttachment';
      readonly name: string;
      readonly uid: string;
      readonly nodeName: string;
      readonly volumeName: string;
      readonly renewedAt: string;
      readonly why: string;
    }
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
  /** Look again after this long even if nothing changes; undefined: only on change. */
  readonly wakeAfterSeconds: number | undefined;
}
