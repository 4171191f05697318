import type { CapacityFacts, VolumeFacts } from '../facts/storage-facts.ts';
import { ZONE_LABEL } from './node-table.ts';
import type { LabelIndex, TopologyIndex } from './topology-index.ts';

/** Storage that some nodes share: what a driver published for a topology segment, or a budget that a pool declares for a zone. */
export interface Segment {
  /** `budget`: what a pool declares. `published`: what the driver says. */
  readonly source: 'budget' | 'published';
  /** For messages: "zone a", "topology.example/node=n1". */
  readonly place: string;
  readonly signature: string;
  readonly index: LabelIndex;
  /** What is there for new volumes, promises not yet taken off. */
  capacityBytes: number;
  /** Largest single volume; undefined: as large as what is free. */
  maximumBytes: number | undefined;
  /** Promised and not yet provisioned, or not yet published; undefined: to be counted anew. */
  promisedBytes: number | undefined;
}

/** By the labels that tell segments apart, and a node's values of them. */
export type SegmentMap = ReadonlyMap<LabelIndex, ReadonlyMap<string, Segment>>;

/** One segment per zone of a declared budget (bytes), less what volumes of the zone have. */
export function budgetSegments(
  topology: TopologyIndex,
  budgets: ReadonlyMap<string, number>,
  volumes: ReadonlyMap<string, { readonly zone: string; readonly bytes: number }>,
): SegmentMap {
  const index = topology.index([ZONE_LABEL], true);
  const bySignature = new Map<string, Segment>();
  for (const [zone, budget] of budgets) {
    let provisioned = 0;
    for (const volume of volumes.values()) if (volume.zone === zone) provisioned += volume.bytes;
    const signature = index.signature({ [ZONE_LABEL]: zone }) ?? '';
    const place = zone === '' ? 'nodes without a zone' : `zone ${zone}`;
    bySignature.set(signature, {
      source: 'budget',
      place,
      signature,
      index,
      capacityBytes: budget - provisioned,
      maximumBytes: undefined,
      promisedBytes: undefined,
    });
  }
  return new Map([[index, bySignature]]);
}

/** One segment per topology that a driver published capacity for. */
export function publishedSegments(topology: TopologyIndex, capacities: ReadonlyMap<string, CapacityFacts>): SegmentMap {
  const segments = new Map<LabelIndex, Map<string, Segment>>();
  for (const { nodeLabels, capacityBytes, maximumVolumeBytes } of capacities.values()) {
    if (nodeLabels === undefined) continue;
    const keys = Object.keys(nodeLabels).toSorted();
    const index = topology.index(keys);
    const bySignature = segments.get(index) ?? new Map<string, Segment>();
    segments.set(index, bySignature);
    const signature = index.signature(nodeLabels) ?? '';
    const known = bySignature.get(signature);
    // Two objects for one segment: a leftover beside its successor. The larger counts, as kube-scheduler takes any that fits.
    if (known !== undefined && !isLarger({ capacityBytes, maximumBytes: maximumVolumeBytes }, known)) continue;
    const place = keys.map((key) => `${key}=${nodeLabels[key] ?? ''}`).join(',') || 'the whole cluster';
    const numbers = { capacityBytes, maximumBytes: maximumVolumeBytes, promisedBytes: undefined };
    bySignature.set(signature, { source: 'published', place, signature, index, ...numbers });
  }
  return segments;
}

function isLarger(left: Pick<Segment, 'capacityBytes' | 'maximumBytes'>, right: typeof left): boolean {
  if (left.capacityBytes !== right.capacityBytes) return left.capacityBytes > right.capacityBytes;
  return (left.maximumBytes ?? Number.MAX_SAFE_INTEGER) > (right.maximumBytes ?? Number.MAX_SAFE_INTEGER);
}

/** The zone that a volume can be reached from, whatever the driver calls its label (`topology.ebs.csi.aws.com/zone`); empty: no zone. */
export function zoneOf(volume: VolumeFacts): string {
  for (const term of volume.nodeTerms ?? []) {
    const key = Object.keys(term).find((name) => name.endsWith('/zone'));
    if (key !== undefined) return term[key]?.[0] ?? '';
  }
  return '';
}
