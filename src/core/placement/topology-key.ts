import type { NodeFacts } from '../facts/node-facts.ts';
import { HOSTNAME_LABEL, REGION_LABEL, ZONE_LABEL } from '../view/node-table.ts';

const WELL_KNOWN: Readonly<Record<string, string>> = {
  '@hostname': HOSTNAME_LABEL,
  '@zone': ZONE_LABEL,
  '@region': REGION_LABEL,
};

/** The node's value of a constraint's key: `@hostname`, `@zone`, `@region` or a label. A node always has a hostname: else its name. */
export function topologyValue(node: NodeFacts, key: string): string | undefined {
  const value = node.labels[WELL_KNOWN[key] ?? key];
  return value === undefined && key === '@hostname' ? node.name : value;
}
