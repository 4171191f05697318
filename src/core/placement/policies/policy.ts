import type { MemberNeed } from '../member-need.ts';
import type { Surroundings } from '../surroundings.ts';

/** How much a policy likes a node for a member, 0..1. Pure; asked for admitted nodes only, and often: it must be cheap. */
export interface Policy {
  /** The same for every member that asks for the same, wherever other members are and were: worked out once per change of the node. */
  readonly dependsOnNodeOnly: boolean;
  score(surroundings: Surroundings, need: MemberNeed, row: number): number;
}
