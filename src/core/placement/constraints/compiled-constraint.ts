import type { Reason } from '../../../api/reasons.ts';

/** How many members of the app are on each value of the constraint's key; only values with members are in it. */
export type Counts = ReadonlyMap<string, number>;

/**
 * One constraint of an app. As in Marathon a node without the key is refused by every operator but Unlike (and IsNot, which Marathon
 * does not have).
 */
export interface CompiledConstraint {
  readonly key: string;
  readonly reason: Reason;
  /** The node alone decides, whatever else is placed. */
  readonly dependsOnNodeOnly: boolean;
  /**
   * The question put to many nodes while the members are where they are. `known` are the values of all nodes that the app could use
   * at all; it is looked at only when it is called.
   */
  against(counts: Counts, known: () => ReadonlySet<string>): ValueCheck;
}

/** `value` is the node's value of the key, undefined when it has none. */
export interface ValueCheck {
  admits(value: string | undefined): boolean;
  /** Why not, in a few words with numbers. */
  explain(value: string | undefined): string;
}

/** "has no label rack", for nodes without the key. */
export function lacks(key: string): string {
  return key.startsWith('@') ? `has no ${key.slice(1)}` : `has no label ${key}`;
}
