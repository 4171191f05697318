import type { ClusterView } from '../view/cluster-view.ts';
import type { Scratch } from '../view/scratch.ts';
import type { Reason } from '../../api/reasons.ts';
import type { Counts, ValueCheck } from './constraints/compiled-constraint.ts';
import type { NodeValues } from './node-values.ts';
import type { NodeFacts } from '../facts/node-facts.ts';
import type { PodRun } from './pod-placement.ts';
import type { Tell } from './tell.ts';

/** Everything that is the same for all demands of one run. `now` is epoch seconds. */
export interface PlacementRun {
  readonly view: ClusterView;
  readonly scratch: Scratch;
  readonly values: NodeValues;
  readonly now: number;
  /** Where other pods are, for demands whose rules look at them. */
  readonly pods: PodRun;
}

/** A constraint on where other members are, as they are now. */
export interface RelativeCheck {
  readonly key: string;
  readonly reason: Reason;
  readonly check: ValueCheck;
}

/** What the rules of the app say of a node, wherever members are. */
export interface NodeRules {
  allows(node: NodeFacts, tell?: Tell): boolean;
}

/** What stages and policies may look at while an app's members are placed. */
export interface Surroundings {
  readonly run: PlacementRun;
  readonly rules: NodeRules;
  /** Members of the app per value of the key. A node that is gone counts by its name alone. */
  readonly counts: (key: string) => Counts;
  /** The constraints that depend on where members are, asked as they are placed now. */
  checks(): readonly RelativeCheck[];
}
