/** Of the nodes of the cluster, how many look dead at once; those that somebody says are off do not count. */
export interface DeadNodes {
  readonly dead: number;
  readonly nodes: number;
}

const MOST_SHARE = 0.2;

/** Why nothing is moved for the time being; undefined when moving is allowed. Many dead nodes are more likely one dead network, or us. */
export function breakerProblem({ dead, nodes }: DeadNodes): string | undefined {
  if (dead <= 1 || dead <= MOST_SHARE * nodes) return undefined;
  return `${dead} of ${nodes} nodes look dead at once, which is more than one and more than ${MOST_SHARE * 100} %: that is more likely the network or the control plane, so nothing is moved until fewer do, or until the node is declared out of service`;
}
