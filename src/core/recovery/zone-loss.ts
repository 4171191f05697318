/** A node as the breaker sees it: `dead` nobody hears it or it is not ready, `off` somebody says so, `heard` neither. */
export interface ZoneNode {
  /** Label topology.kubernetes.io/zone; empty: none. */
  readonly zone: string;
  readonly state: 'heard' | 'dead' | 'off';
}

/** What is done when all nodes of one zone, and no others, are lost at once: chart value `recovery.zoneLoss`. */
export type ZoneLossPolicy = 'Manual' | 'Automatic';

/** Zones none of whose nodes is left, while at least one node elsewhere is heard: else it is us, and nothing is known of any zone. */
export function lostZones(nodes: readonly ZoneNode[]): ReadonlySet<string> {
  const heard = new Set(nodes.filter(({ state }) => state === 'heard').map(({ zone }) => zone));
  if (heard.size === 0) return new Set();
  return new Set(nodes.map(({ zone }) => zone).filter((zone) => zone !== '' && !heard.has(zone)));
}

/** The zone that is lost as a whole, where every dead node is of it; undefined: dead nodes are in several zones, or have living neighbours. */
export function lostZone(nodes: readonly ZoneNode[]): string | undefined {
  const dead = new Set(nodes.filter(({ state }) => state === 'dead').map(({ zone }) => zone));
  const [zone] = dead;
  return dead.size === 1 && zone !== undefined && lostZones(nodes).has(zone) ? zone : undefined;
}
