import type { RoomColumns } from './room-columns.ts';

/** The nodes that kube-scheduler asks about: those that passed its own checks. */
export interface Candidates {
  /** What is known of nodes, by entry. */
  readonly rooms: RoomColumns;
  has(node: string): boolean;
  /** The entry of each in `rooms`, in the order asked; −1 for a node that we have not heard of. Good until the next request. */
  entries(): Int32Array;
  /** The name at this place of `entries`. */
  name(position: number): string;
}
