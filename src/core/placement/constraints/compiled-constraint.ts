import type { Reason } from '../../../api/reasons.ts';

/** How many members of the app are on each value of the constraint's key; only values with members are in it. */
export type Counts = ReadonlyMap<string, number>;

/**
 * One constraint of an app, with the meaning that Marathon gives the operator of that name (the table in marathon.test.ts has its
 * documented examples). As there a node without the key is refused by every operator but Unlike. What is different:
 * - IsNot is ours, and admits a node without the key, as Unlike does.
 * - Is compares texts; Marathon compares the numbers of scalar attributes rounded to a thousandth, and labels have no scalars.
 * - Cluster with a value looks at the node alone; Marathon stops placing while a task runs on another value. Without a value, when
 *   members are on several already, it goes on where most of them are; Marathon places nothing then.
 * - GroupBy without a number knows all values of the nodes that the app could use; Marathon knows those of its own tasks.
 * - Like and Unlike take RE2 (checked when the app is written) and not Java's expressions: no look-around, no back-references.
 * - All members of the app count, whichever version they run; a member that moves does not count where it was.
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
