import type { Resources } from '../resources/resources.ts';
import type { HostPort, PodTerm } from './pod-term.ts';

/** The controlling owner of an object, from `metadata.ownerReferences` with `controller: true`. */
export interface OwnerRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** What a decision needs of a Pod. Scheduling fields are raw JSON of the pod spec, kept only for pods that are not bound. */
export interface PodFacts {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly owner: OwnerRef | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly schedulerName: string;
  /** Empty until bound. */
  readonly nodeName: string;
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  readonly ready: boolean;
  /** Epoch seconds of the Ready condition's last transition; undefined when there is no such condition. */
  readonly readySinceSeconds: number | undefined;
  readonly deleting: boolean;
  readonly createdAtSeconds: number;
  /** As the scheduler counts them (core/resources/pod-requests.ts), `pods: 1` included. */
  readonly requests: Resources;
  /** Names of PersistentVolumeClaims that it mounts. */
  readonly claims: readonly string[];
  /** Names of volumes that it can write to without a claim, and that other nodes may have as well (NFS, iSCSI, …); absent: none. */
  readonly sharedVolumes?: readonly string[];
  /** Why it is not running, in the cluster's own words: the PodScheduled message or the first waiting container's reason and message. */
  readonly problem: string | undefined;
  readonly priority: number;
  /** What a container said when it ended, where it speaks of a disk error; absent: none does. `runningSinceSeconds`: since when it runs again. */
  readonly diskError?: { readonly message: string; readonly runningSinceSeconds: number | undefined };
  /** What it keeps other pods from; undefined, as for most pods: nothing. */
  readonly excludes?: PodExclusions | undefined;
}

/** What a bound pod keeps other pods from. */
export interface PodExclusions {
  /** Required anti-affinity: no pod that is meant may come near. */
  readonly antiAffinity: readonly PodTerm[];
  readonly hostPorts: readonly HostPort[];
}
