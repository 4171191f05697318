import type { PlacementRules } from '../../allocator/demand.ts';
import type { ClusterView } from '../../view/cluster-view.ts';
import type { NodeValues } from '../node-values.ts';
import type { Newcomer, PodSurroundings } from '../pod-surroundings.ts';
import type { Tell } from '../tell.ts';

/** Where pods of one app are placed among other pods. */
export interface PodSite {
  readonly around: PodSurroundings;
  readonly view: ClusterView;
  readonly values: NodeValues;
  readonly rules: PlacementRules;
}

/** One rule about other pods, asked of many nodes while everybody is where they are. */
export interface PodCheck {
  admits(row: number): boolean;
  /** Tells why the node is refused, with numbers; nothing when it is admitted. */
  tell(row: number, tell: Tell): void;
}

/** A stage that depends on where other pods are: no answer of it can be kept for another demand, or beyond the next placement. */
export interface PodStage {
  readonly dependsOnPods: true;
  /** Undefined: the rule does not concern this pod. */
  against(site: PodSite, newcomer: Newcomer): PodCheck | undefined;
}

/** The node's value of a label; undefined where the node is not known, or has no such label. */
export function valueAt({ view, values }: PodSite, key: string, node: string): string | undefined {
  const row = view.nodeTable.rowOf(node);
  return row === undefined ? undefined : values.of(key)[row];
}
