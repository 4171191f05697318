import type { CapacityFacts } from '../facts/storage-facts.ts';
import { PublishedLevels } from './published-levels.ts';
import { budgetSegments, publishedSegments, type Segment, type SegmentMap } from './segments.ts';
import type { TopologyIndex } from './topology-index.ts';

/** One limit on where volumes of a class may be made. */
export interface Layer {
  readonly source: Segment['source'];
  readonly segments: SegmentMap;
}

/** What is known of how much one storage class holds. */
export interface ClassCapacity {
  readonly capacities: Map<string, CapacityFacts>;
  readonly levels: PublishedLevels;
  /** Budgets by pool and zone. */
  readonly pools: Map<string, ReadonlyMap<string, number>>;
  readonly volumes: Map<string, { readonly zone: string; readonly bytes: number }>;
  /** By row: promised bytes. */
  readonly promised: Map<number, number>;
  /** Its driver publishes capacity: where it says nothing, there is nothing. */
  publishing: boolean;
  /** Undefined: to be made anew from capacities and pools. */
  layers: readonly Layer[] | undefined;
}

export function emptyClassCapacity(): ClassCapacity {
  return {
    capacities: new Map(),
    levels: new PublishedLevels(),
    pools: new Map(),
    volumes: new Map(),
    promised: new Map(),
    publishing: false,
    layers: undefined,
  };
}

/** Whether anything is known about how much the class holds. */
export function isLimited({ capacities, pools, publishing }: ClassCapacity): boolean {
  return publishing || capacities.size > 0 || pools.size > 0;
}

/**
 * A budget comes first: it is what the administrator gives, and outweighs what was published by a driver of which we do not know
 * that it must be heard. Of several pools over one class the first by name counts.
 */
export function layersOf(state: ClassCapacity, topology: TopologyIndex): readonly Layer[] {
  if (state.layers !== undefined) return state.layers;
  const layers: Layer[] = [];
  const [first] = [...state.pools.keys()].toSorted();
  const budgets = first === undefined ? undefined : state.pools.get(first);
  if (budgets !== undefined) {
    layers.push({ source: 'budget', segments: budgetSegments(topology, budgets, state.volumes) });
  }
  if (state.publishing || budgets === undefined) {
    layers.push({ source: 'published', segments: publishedSegments(topology, state.capacities) });
  }
  state.layers = layers;
  return layers;
}

/** The segments that the row is in. */
export function segmentsOfRow(segments: SegmentMap, row: number): readonly Segment[] {
  let found: Segment[] | undefined;
  for (const [index, bySignature] of segments) {
    const signature = index.signatureOf(row);
    const segment = signature === undefined ? undefined : bySignature.get(signature);
    if (segment !== undefined) (found ??= []).push(segment);
  }
  return found ?? NOTHING;
}

const NOTHING: readonly Segment[] = [];
