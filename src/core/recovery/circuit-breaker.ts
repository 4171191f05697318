import type { ZoneLossPolicy } from './zone-loss.ts';

/** Of the nodes of the cluster, how many look dead at once; those that somebody says are off do not count. */
export interface DeadNodes {
  readonly dead: number;
  readonly nodes: number;
  /** The one zone that is lost as a whole, when all the dead nodes are of it (zone-loss.ts); absent: there is none. */
  readonly lostZone?: string | undefined;
  /** What is done then; absent: Manual. */
  readonly zoneLoss?: ZoneLossPolicy | undefined;
}

const MOST_SHARE = 0.2;

/** Why nothing is moved for the time being; undefined when moving is allowed. Many dead nodes are more likely one dead network, or us. */
export function breakerProblem({ dead, nodes, lostZone, zoneLoss = 'Manual' }: DeadNodes): string | undefined {
  if (dead <= 1 || dead <= MOST_SHARE * nodes) return undefined;
  if (lostZone !== undefined && zoneLoss === 'Automatic') return undefined;
  const many = `${dead} of ${nodes} nodes look dead at once, which is more than one and more than ${MOST_SHARE * 100} %: that is more likely the network or the control plane, so nothing is moved until fewer do, or until the node is declared out of service`;
  if (lostZone === undefined) return many;
  return `${many}; they are all of zone ${lostZone}, and no other node is dead: with the chart value recovery.zoneLoss set to Automatic their members would move to other zones, as far as their volumes can be reached there`;
}
