import type { Framework } from '../../api/framework.ts';
import type { PersistentApp } from '../../api/persistent-app.ts';
import type { Reservation } from '../../api/reservation.ts';
import type { StoragePool } from '../../api/storage-pool.ts';
import type { Decision } from '../allocator/decision.ts';
import type { NodeFacts } from '../facts/node-facts.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import type { ClaimFacts, StorageClassFacts } from '../facts/storage-facts.ts';
import type { RecoveryFacts } from '../recovery/recovery-facts.ts';
import type { KubeObject } from './plan.ts';

/** Everything a plan looks at, read from caches at one moment. Maps are by name. */
export interface AppFacts {
  readonly app: PersistentApp;
  readonly framework: Framework | undefined;
  /** Names of the Frameworks whose parent it is; absent or empty: it is a leaf. */
  readonly frameworkChildren?: readonly string[];
  /** Labels of the app's namespace, for the framework's namespaceSelector. */
  readonly namespaceLabels: Readonly<Record<string, string>>;
  readonly pools: ReadonlyMap<string, StoragePool>;
  readonly storageClasses: ReadonlyMap<string, StorageClassFacts>;
  readonly reservation: Reservation | undefined;
  /** The children as they are, raw; undefined when there is none of that name. Their owner may be somebody else. */
  readonly service: KubeObject | undefined;
  readonly statefulSet: KubeObject | undefined;
  readonly podDisruptionBudget: KubeObject | undefined;
  /** Pods named `<app>-<ordinal>` or that carry our labels in this namespace, ours or not. */
  readonly pods: readonly PodFacts[];
  /** Claims named `<volume>-<app>-<ordinal>` in this namespace, retired ones included. */
  readonly claims: readonly ClaimFacts[];
  /** The nodes that slots or pods name; one that is gone is absent. */
  readonly nodes: ReadonlyMap<string, NodeFacts>;
  /** The allocator's last answer to this app's demand, if it was a decline. */
  readonly decline: Extract<Decision, { kind: 'decline' }> | undefined;
  /** What the API server said to a dry-run of the pod template of this generation: undefined when it was accepted or not tried yet. */
  readonly templateProblem: string | undefined;
  /** PriorityClass for members when the template names none; empty: none is installed. */
  readonly memberPriorityClass: string;
  /** Absent: nothing is wrong with any node that pods, slots or volumes of the app are on, and no slot is Moving. */
  readonly recovery?: RecoveryFacts | undefined;
  /** `schedulerName` of members; absent: SCHEDULER_NAME. */
  readonly schedulerName?: string;
}
