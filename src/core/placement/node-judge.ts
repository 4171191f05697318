/** The questions about a node, for one member, while the others are where they are. Amounts of liking and room are integers. */
export interface NodeJudge {
  admits(row: number): boolean;
  /** The node has room and reaches the volumes, wherever other members are. */
  admitsAlone(row: number): boolean;
  /** How much it is liked by the policies that look at the node alone. */
  liked(row: number): number;
  /** How much it is liked by the other policies. */
  likedBeside(row: number): number;
  /** The free shares of the node's CPU and memory. */
  room(row: number): number;
}
