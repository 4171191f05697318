import type { StoragePool } from '../../api/storage-pool.ts';
import type { CapacityFacts, VolumeFacts } from '../facts/storage-facts.ts';
import { parseBytes } from '../resources/quantity.ts';
import { budgetSegments, publishedSegments, type Segment, type SegmentMap, zoneOf } from './segments.ts';
import type { TopologyIndex } from './topology-index.ts';

/** One limit on where volumes of a class may be made: these segments (none: nowhere). Every limit of the class must have room. */
export interface CapacityLimit {
  /** `budget`: what a pool declares. `published`: what the driver says. */
  readonly source: 'budget' | 'published';
  readonly segments: readonly Segment[];
}

/** What a storage class can give a node: nothing known (undefined: unlimited), or these segments (none: the class does not serve it). */
export type SegmentsAt = readonly Segment[] | undefined;

interface Layer {
  readonly source: CapacityLimit['source'];
  readonly segments: SegmentMap;
}

interface StorageClassState {
  readonly capacities: Map<string, CapacityFacts>;
  readonly pools: Map<string, ReadonlyMap<string, number>>;
  readonly volumes: Map<string, { readonly zone: string; readonly bytes: number }>;
  /** By row: promised bytes. */
  readonly promised: Map<number, number>;
  /** Its driver publishes capacity: where it says nothing, there is nothing. */
  publishing: boolean;
  /** Undefined: to be made anew from capacities and pools. */
  layers: readonly Layer[] | undefined;
}

const NOTHING: readonly Segment[] = [];
const UNLIMITED: readonly CapacityLimit[] = [];

/** Free bytes per storage class and topology segment. Sums are worked out when asked for and kept until something in them changes. */
export class PoolCapacity {
  readonly #topology: TopologyIndex;
  readonly #classes = new Map<string, StorageClassState>();

  constructor(topology: TopologyIndex) {
    this.#topology = topology;
  }

  setCapacity(key: string, facts: CapacityFacts): void {
    const state = this.#state(facts.storageClassName);
    state.capacities.set(key, facts);
    state.layers = undefined;
  }

  deleteCapacity(key: string, storageClassName: string): void {
    const state = this.#state(storageClassName);
    state.capacities.delete(key);
    state.layers = undefined;
  }

  /** A pool over this class; only a declared capacity matters here. */
  setPool(pool: StoragePool, storageClassName: string): void {
    const state = this.#state(storageClassName);
    const { source, perZone } = pool.spec.capacity;
    if (source === 'Declared') {
      state.pools.set(pool.metadata.name, new Map(perZone.map(({ zone, size }) => [zone, parseBytes(size)])));
    } else {
      state.pools.delete(pool.metadata.name);
    }
    state.layers = undefined;
  }

  deletePool(name: string, storageClassName: string): void {
    const state = this.#state(storageClassName);
    state.pools.delete(name);
    state.layers = undefined;
  }

  /** Whether the driver of the class says how much there is (CSIDriver `storageCapacity`). */
  setPublishing(storageClassName: string, publishing: boolean): void {
    if (this.isPublishing(storageClassName) === publishing) return;
    const state = this.#state(storageClassName);
    state.publishing = publishing;
    state.layers = undefined;
  }

  isPublishing(storageClassName: string): boolean {
    return this.#classes.get(storageClassName)?.publishing ?? false;
  }

  setVolume(volume: VolumeFacts): void {
    const state = this.#state(volume.storageClassName);
    state.volumes.set(volume.name, { zone: zoneOf(volume), bytes: volume.bytes });
    if (state.pools.size > 0) state.layers = undefined;
  }

  deleteVolume(volume: VolumeFacts): void {
    const state = this.#state(volume.storageClassName);
    state.volumes.delete(volume.name);
    if (state.pools.size > 0) state.layers = undefined;
  }

  promise(storageClassName: string, row: number, bytes: number): void {
    const state = this.#state(storageClassName);
    const sum = (state.promised.get(row) ?? 0) + bytes;
    if (sum === 0) state.promised.delete(row);
    else state.promised.set(row, sum);
    this.#recount(state, row);
  }

  /** To be called before and after the node's labels change: its promises move from one segment to another. */
  recountRow(row: number): void {
    for (const state of this.#classes.values()) this.#recount(state, row);
  }

  /** The segments of all limits together. */
  segmentsAt(storageClassName: string, row: number): SegmentsAt {
    const limits = this.limitsAt(storageClassName, row);
    return limits.length === 0 ? undefined : limits.flatMap(({ segments }) => segments);
  }

  /** What limits the class at this node; nothing: unlimited. */
  limitsAt(storageClassName: string, row: number): readonly CapacityLimit[] {
    const state = this.#classes.get(storageClassName);
    if (state === undefined || !isLimited(state)) return UNLIMITED;
    return this.#layers(state).map(({ source, segments }) => ({ source, segments: at(segments, row) }));
  }

  /** Bytes of the segment that nobody has or was promised; negative when more was promised than is there. */
  freeBytes(storageClassName: string, segment: Segment): number {
    segment.promisedBytes ??= this.#promisedIn(storageClassName, segment);
    return segment.capacityBytes - segment.promisedBytes;
  }

  /** All that the class ever holds: what is there for new volumes and what volumes have. Undefined when it is unlimited. */
  totalBytes(storageClassName: string): number | undefined {
    const state = this.#classes.get(storageClassName);
    if (state === undefined || !isLimited(state)) return undefined;
    let total = 0;
    const [first] = this.#layers(state);
    for (const bySignature of first?.segments.values() ?? []) {
      for (const segment of bySignature.values()) total += segment.capacityBytes;
    }
    for (const volume of state.volumes.values()) total += volume.bytes;
    return total;
  }

  #promisedIn(storageClassName: string, segment: Segment): number {
    const promised = this.#classes.get(storageClassName)?.promised ?? new Map<number, number>();
    const rows = segment.index.rowsOf(segment.signature);
    let sum = 0;
    if (rows.size < promised.size) {
      for (const row of rows) sum += promised.get(row) ?? 0;
    } else {
      for (const [row, bytes] of promised) if (rows.has(row)) sum += bytes;
    }
    return sum;
  }

  #recount(state: StorageClassState, row: number): void {
    for (const { segments } of state.layers ?? []) {
      for (const segment of at(segments, row)) segment.promisedBytes = undefined;
    }
  }

  /**
   * A budget comes first: it is what the administrator gives, and outweighs what was published by a driver of which we do not know
   * that it must be heard. Of several pools over one class the first by name counts.
   */
  #layers(state: StorageClassState): readonly Layer[] {
    if (state.layers !== undefined) return state.layers;
    const layers: Layer[] = [];
    const [first] = [...state.pools.keys()].toSorted();
    const budgets = first === undefined ? undefined : state.pools.get(first);
    if (budgets !== undefined) {
      layers.push({ source: 'budget', segments: budgetSegments(this.#topology, budgets, state.volumes) });
    }
    if (state.publishing || budgets === undefined) {
      layers.push({ source: 'published', segments: publishedSegments(this.#topology, state.capacities) });
    }
    state.layers = layers;
    return layers;
  }

  #state(storageClassName: string): StorageClassState {
    const known = this.#classes.get(storageClassName);
    if (known !== undefined) return known;
    const made: StorageClassState = {
      capacities: new Map(),
      pools: new Map(),
      volumes: new Map(),
      promised: new Map(),
      publishing: false,
      layers: undefined,
    };
    this.#classes.set(storageClassName, made);
    return made;
  }
}

/** Whether anything is known about how much the class holds. */
function isLimited({ capacities, pools, publishing }: StorageClassState): boolean {
  return publishing || capacities.size > 0 || pools.size > 0;
}

function at(segments: SegmentMap, row: number): readonly Segment[] {
  let found: Segment[] | undefined;
  for (const [index, bySignature] of segments) {
    const signature = index.signatureOf(row);
    const segment = signature === undefined ? undefined : bySignature.get(signature);
    if (segment !== undefined) (found ??= []).push(segment);
  }
  return found ?? NOTHING;
}
