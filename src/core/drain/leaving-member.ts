import type { MoveOrder } from '../operations/move-order.ts';
import type { DrainMark } from './drain-mark.ts';

/** A member on a node that is to be emptied. */
export interface LeavingMember {
  readonly name: string;
  readonly node: string;
  readonly mark: DrainMark;
  /** Why it is not moved for the time being, or at all. */
  readonly stays?: { readonly check: string; readonly message: string };
}

/** Members that leave their nodes because the nodes are to be emptied. */
export interface Drain {
  readonly leaving: readonly LeavingMember[];
  /** By member: a place elsewhere is looked for while its pod runs, or found. */
  readonly orders: ReadonlyMap<string, MoveOrder>;
}
