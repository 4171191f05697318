import type { ZoneLossPolicy } from './zone-loss.ts';

/** Of the nodes of the cluster, how many look dead at once; those that somebody says are off do not count. */
export interface DeadNodes {
  readonly dead: number;
  readonly nodes: number;
  /** The one zone that is lost as a whole, when all the dead nodes are of it (zone-loss.ts); absent: there is none. */
  readonly lostZone?: string | undefined;
  /** What is done then; absent: Manual. */
  readonly zoneLoss?: ZoneLossPolicy | undefined;
  /** Of all nodes, how many may look dead at once, in percent: chart value `recovery.breakerPercent`; absent: 20. One always may. */
  readonly mostPercent?: number | undefined;
}

/** What `recovery.breakerPercent` is where nobody says otherwise. */
export const BREAKER_PERCENT = 20;

/** Why nothing is moved for the time being; undefined when moving is allowed. Many dead nodes are more likely one dead network, or us. */
export function breakerProblem(seen: DeadNodes): string | undefined {
  const { dead, nodes, lostZone, zoneLoss = 'Manual', mostPercent = BREAKER_PERCENT } = seen;
  if (dead <= 1 || dead * 100 <= mostPercent * nodes) return undefined;
  if (lostZone !== undefined && zoneLoss === 'Automatic') return undefined;
  const many = `${dead} of ${nodes} nodes look dead at once, which is more than one and more than ${mostPercent} % (chart value recovery.breakerPercent): that is more likely the network or the control plane, so nothing is moved until fewer do, or until the node is declared out of service`;
  if (lostZone === undefined) return many;
  return `${many}; they are all of zone ${lostZone}, and no other node is dead: with the chart value recovery.zoneLoss set to Automatic their members would move to other zones, as far as their volumes can be reached there`;
}
