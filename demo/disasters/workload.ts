import type { PersistentApp } from '../../src/api/persistent-app.ts';
import type { RecordVerdict } from '../../test/support/record-oracle.ts';
import type { TestCluster } from '../../test/cluster/test-cluster.ts';
import type { Screen } from '../screen.ts';
import type { Return } from './cluster-watch.ts';
import type { Outcome } from './disaster.ts';
import type { Timeline } from './timeline.ts';

export const NAMESPACE = 'default';

export interface WorkloadOptions {
  readonly cluster: TestCluster;
  readonly screen: Screen;
  /** Whether a plain StatefulSet of the same runs beside it. */
  readonly compare: boolean;
  readonly recovery: Partial<PersistentApp['spec']['recovery']>;
}

/** What a person who uses the app found when the disaster was over. */
export interface WorkloadVerdict extends Omit<RecordVerdict, 'recordsOutOfOrder'> {
  /** Null: the app keeps no order. */
  readonly recordsOutOfOrder: number | null;
  /** Whether something that was written late is on a volume all the same. */
  readonly lateWritesFound: boolean;
  /** Figures of this app alone, for the summary. */
  readonly more: Readonly<Record<string, unknown>>;
}

/** A member whose old volume was set aside. */
export interface Rebuilt {
  readonly member: string;
  /** The claim that keeps the old volume. */
  readonly retiredClaim: string;
  /** When its new pod was bound, in milliseconds since the epoch. */
  readonly at: number;
}

/** What a pod tried to write after its node was cut off and its volume taken from it. */
export interface LateWrites {
  readonly tried: number;
  readonly refused: number;
}

/** An app that runs through a disaster, used from outside the cluster all the while. */
export interface Workload {
  /** Name of the PersistentApp; the StatefulSet beside it is called `plain`. */
  readonly app: string;
  /** What a disaster expects may take so much longer with it. */
  readonly extraSeconds: number;
  /** Applies it, waits until all members are Ready, and begins to use it. */
  start(timeline: Timeline): Promise<void>;
  /** The user's word for: the member does its work in its new pod. Throws when it does not in time. */
  untilWorking(member: string, back: Return, timeoutSeconds: number): Promise<string>;
  /** What the member's old pod on a node that is cut off and runs on is refused, now that its volume is elsewhere. */
  lateWrites(node: string, member: string): Promise<LateWrites>;
  /** What became of the plain StatefulSet for those who use it, once that has settled. */
  untilPlainSettled?(timeoutSeconds: number): Promise<string>;
  /** What else is shown when all is mended. */
  afterMending?(member: string, expects: Outcome): Promise<void>;
  /** Compares what was acknowledged with what is there. `rebuilt`: a member has a new volume since then. */
  check(rebuilt?: Rebuilt): Promise<WorkloadVerdict>;
  /** Lines for people, at the end. */
  tell?(): readonly string[];
  stop(): Promise<void>;
}

export const PLAIN = 'plain';

/** Why the comparison is one: told whenever it is made. */
export const PLAIN_NOTE =
  'The plain StatefulSet beside it tolerates the taint node.kubernetes.io/out-of-service: else the one that Proffer sets on the lost node would free its pod too, and it would not show how things go without Proffer';
