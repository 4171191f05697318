import type { MemberNeed } from '../member-need.ts';
import type { Surroundings } from '../surroundings.ts';

/** How much a policy likes a node, 0..1. Asked for admitted nodes only, and often: it must be cheap. */
export type Liking = (row: number) => number;

/** A preference among nodes. Pure. */
export interface Policy {
  /** The same for every member that asks for the same, wherever other members are and were: worked out once per change of the node. */
  readonly dependsOnNodeOnly: boolean;
  /** For others: the keys whose values alone decide for this member, so that nodes with equal values are asked once (node-order.ts). Undefined: it cannot be said; otherwise the same keys for every member. */
  readonly decidedBy?: (need: MemberNeed) => readonly string[] | undefined;
  /** The question put to many nodes while the other members are where they are. */
  against(surroundings: Surroundings, need: MemberNeed): Liking;
}
