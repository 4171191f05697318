/**
 * A member goes to another node while its pod runs: a place is looked for first, written down as its slot, and only then the pod goes. Asked
 * for by an AppOperation of type Move, or by the node, which is to be emptied.
 */
export interface MoveOrder {
  readonly member: string;
  /** Where its pod is. */
  readonly from: string;
  /** Nodes that will not do. */
  readonly not: readonly string[];
  /** The only one that will. */
  readonly only?: string;
}
