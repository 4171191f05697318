import type { AppBackup } from '../../api/app-backup.ts';
import type { AppOperation } from '../../api/app-operation.ts';
import type { Framework } from '../../api/framework.ts';
import type { PersistentApp } from '../../api/persistent-app.ts';
import type { Reservation } from '../../api/reservation.ts';
import type { StoragePool } from '../../api/storage-pool.ts';
import type { DataSourceFacts } from '../backup/data-source-facts.ts';
import type { Decision } from '../allocator/decision.ts';
import type { DeclineRecord } from '../allocator/decline-ledger.ts';
import type { NodeFacts } from '../facts/node-facts.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import type { VolumeEventFacts } from '../facts/read-volume-event.ts';
import type { ClaimFacts, StorageClassFacts, VolumeFacts } from '../facts/storage-facts.ts';
import type { RecoveryFacts } from '../recovery/recovery-facts.ts';
import type { FailedMaking } from '../volumes/failed-making.ts';
import type { VolumeUsageFacts } from '../volumes/volume-usage.ts';
import type { KubeObject } from './plan.ts';
import type { PodAnswer } from './pod-answer.ts';

/** Everything a plan looks at, read from caches at one moment. Maps are by name. */
export interface AppFacts {
  readonly app: PersistentApp;
  readonly framework: Framework | undefined;
  /** Whether members may be asked to go for others' guarantees, as isRevocable() of core/fairness says. Absent: no. */
  readonly isRevocable?: boolean;
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
  /** All that was declined of it since it began to wait; absent: nothing is known of that. */
  readonly declines?: DeclineRecord | undefined;
  /** What the API server said to a dry-run of the pod template of this generation: undefined when it was accepted or not tried yet. */
  readonly templateProblem: string | undefined;
  /** What it says to one more pod now; absent: none is missing. */
  readonly podAnswer?: PodAnswer | undefined;
  /** PriorityClass for members when the template names none; empty: none is installed. */
  readonly memberPriorityClass: string;
  /** Absent: nothing is wrong with any node that pods, slots or volumes of the app are on, and no slot is Moving. */
  readonly recovery?: RecoveryFacts | undefined;
  /** How full claims are, by name of the claim; absent: nobody asks. */
  readonly volumeUsage?: VolumeUsageFacts | undefined;
  /** The most that any segment of a StorageClass has free, in bytes, where its driver publishes it. By name of the class. */
  readonly freeBytes?: ReadonlyMap<string, number> | undefined;
  /** The app's AppOperations, those that ended included. Absent: none. */
  readonly operations?: readonly AppOperation[];
  /** Its AppBackups. Absent: none. */
  readonly backups?: readonly AppBackup[];
  /** Names of AppBackups that an app is being made from. Absent: none. */
  readonly backupsInUse?: ReadonlySet<string>;
  /** What its new volumes may be filled from; absent: no volume asks for it. */
  readonly dataSources?: DataSourceFacts | undefined;
  /** PersistentVolumes of its claims, and those that members of its are losing or have lost to a Rebuild. Absent: none. */
  readonly persistentVolumes?: readonly VolumeFacts[];
  /** What was said of volumes of its pods and claims. Absent: nothing. */
  readonly volumeEvents?: readonly VolumeEventFacts[];
  /** Where volumes of its claims could not be made a short time ago. Absent: nowhere. */
  readonly failedMakings?: readonly FailedMaking[];
  /** Of its PersistentVolumes, those that no node is left for. Absent: none. */
  readonly unreachableVolumes?: ReadonlySet<string>;
  /** `schedulerName` of members; absent: SCHEDULER_NAME. */
  readonly schedulerName?: string;
}
