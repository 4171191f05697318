import type { PersistentApp } from '../../src/api/persistent-app.ts';
import type { ArrayControl } from '../../test/cluster/array/array-control.ts';
import type { TestCluster } from '../../test/cluster/test-cluster.ts';
import type { Timeline } from './timeline.ts';

/**
 * What is to come of it. `move`: the member is Ready elsewhere, on its own volume. `nothing`: nobody is moved. `restart`: the member
 * is Ready in a new pod on the same volume. `rebuild`: it is Ready on a new volume, and the old claim is kept. `drain`: as move, and
 * `kubectl drain` ends.
 */
export type Outcome = 'move' | 'nothing' | 'restart' | 'rebuild' | 'drain';

/** Where a disaster strikes. */
export interface Scene {
  readonly cluster: TestCluster;
  readonly array: ArrayControl;
  readonly timeline: Timeline;
  /** The node that is hit, or the node of the member whose disk is. */
  readonly node: string;
  /** The member there. */
  readonly member: string;
  /** UID of its claim. */
  readonly claimUid: string;
  /** The array's ids of the volumes there: of the app's member, and of the plain StatefulSet's pod when there is one. */
  readonly volumes: readonly string[];
}

/** One kind of disaster. */
export interface Disaster {
  /** For the help text. */
  readonly title: string;
  readonly expects: Outcome;
  /** What of `spec.recovery` the app says, where the defaults don't do. */
  readonly recovery?: Partial<PersistentApp['spec']['recovery']>;
  /** Whether the node's pods run on, cut off, and may write late. */
  readonly runsOn?: true;
  /** How long it is waited for the outcome; with `nothing`: how long it lasts and is watched. */
  readonly seconds: number;
  /** How many nodes it takes; absent: three. */
  readonly nodes?: number;
  /** Those of the nodes that it can hit; absent: any of them. */
  mayHit?(cluster: TestCluster, nodes: readonly string[]): Promise<readonly string[]>;
  /** Tells the timeline what it does, with `timeline.begin` at the moment of the loss. */
  strike(scene: Scene): Promise<void>;
  /** Undoes it, as a repair would, so that what comes back late would show. */
  mend(scene: Scene): Promise<void>;
}
