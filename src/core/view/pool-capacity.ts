import type { StoragePool } from '../../api/storage-pool.ts';
import type { CapacityFacts, VolumeFacts } from '../facts/storage-facts.ts';
import { parseBytes } from '../resources/quantity.ts';
import { ZONE_LABEL } from './node-table.ts';
import type { LabelIndex, TopologyIndex } from './topology-index.ts';

/** Storage that some nodes share: what a driver published for a topology segment, or a budget that a pool declares for a zone. */
export interface Segment {
  /** For messages: "zone a", "topology.example/node=n1". */
  readonly place: string;
  readonly signature: string;
  readonly index: LabelIndex;
  /** What is there for new volumes, promises not yet taken off. */
  capacityBytes: number;
  /** Largest single volume; undefined: as large as what is free. */
  maximumBytes: number | undefined;
  /** Promised and not yet provisioned; undefined: to be counted anew. */
  promisedBytes: number | undefined;
}

/** What a storage class can give a node: nothing known (undefined: unlimited), or these segments (none: the class does not serve it). */
export type SegmentsAt = readonly Segment[] | undefined;

interface StorageClassState {
  readonly capacities: Map<string, CapacityFacts>;
  readonly pools: Map<string, ReadonlyMap<string, number>>;
  readonly volumes: Map<string, { readonly zone: string; readonly bytes: number }>;
  /** By row: promised bytes. */
  readonly promised: Map<number, number>;
  /** By index and signature; undefined: to be made anew from capacities and pools. */
  segments: Map<LabelIndex, Map<string, Segment>> | undefined;
}

const NOT_SERVED: readonly Segment[] = [];

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
    state.segments = undefined;
  }

  deleteCapacity(key: string, storageClassName: string): void {
    const state = this.#state(storageClassName);
    state.capacities.delete(key);
    state.segments = undefined;
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
    state.segments = undefined;
  }

  deletePool(name: string, storageClassName: string): void {
    const state = this.#state(storageClassName);
    state.pools.delete(name);
    state.segments = undefined;
  }

  setVolume(volume: VolumeFacts): void {
    const state = this.#state(volume.storageClassName);
    state.volumes.set(volume.name, { zone: zoneOf(volume), bytes: volume.bytes });
    if (state.pools.size > 0) state.segments = undefined;
  }

  deleteVolume(volume: VolumeFacts): void {
    const state = this.#state(volume.storageClassName);
    state.volumes.delete(volume.name);
    if (state.pools.size > 0) state.segments = undefined;
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

  segmentsAt(storageClassName: string, row: number): SegmentsAt {
    const state = this.#classes.get(storageClassName);
    if (state === undefined || (state.capacities.size === 0 && state.pools.size === 0)) return undefined;
    const found: Segment[] = [];
    for (const [index, bySignature] of this.#segments(state)) {
      const signature = index.signatureOf(row);
      const segment = signature === undefined ? undefined : bySignature.get(signature);
      if (segment !== undefined) found.push(segment);
    }
    return found.length === 0 ? NOT_SERVED : found;
  }

  /** Whether anything is known about how much the class holds. */
  isLimited(storageClassName: string): boolean {
    const state = this.#classes.get(storageClassName);
    return state !== undefined && (state.capacities.size > 0 || state.pools.size > 0);
  }

  /** Bytes of the segment that nobody has or was promised; negative when more was promised than is there. */
  freeBytes(storageClassName: string, segment: Segment): number {
    segment.promisedBytes ??= this.#promisedIn(storageClassName, segment);
    return segment.capacityBytes - segment.promisedBytes;
  }

  /** All that the class ever holds: what is there for new volumes and what volumes have. Undefined when it is unlimited. */
  totalBytes(storageClassName: string): number | undefined {
    const state = this.#classes.get(storageClassName);
    if (state === undefined || !this.isLimited(storageClassName)) return undefined;
    let total = 0;
    for (const bySignature of this.#segments(state).values()) {
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
    for (const [index, bySignature] of state.segments ?? []) {
      const segment = bySignature.get(index.signatureOf(row) ?? NO_SIGNATURE);
      if (segment !== undefined) segment.promisedBytes = undefined;
    }
  }

  #segments(state: StorageClassState): Map<LabelIndex, Map<string, Segment>> {
    state.segments ??= state.pools.size > 0 ? this.#declared(state) : this.#published(state);
    return state.segments;
  }

  /** A budget outweighs what the driver publishes. Of several pools over one class the first by name counts. */
  #declared(state: StorageClassState): Map<LabelIndex, Map<string, Segment>> {
    const [first = ''] = [...state.pools.keys()].toSorted();
    const index = this.#topology.index([ZONE_LABEL], true);
    const bySignature = new Map<string, Segment>();
    for (const [zone, budget] of state.pools.get(first) ?? []) {
      let provisioned = 0;
      for (const volume of state.volumes.values()) if (volume.zone === zone) provisioned += volume.bytes;
      const signature = index.signature({ [ZONE_LABEL]: zone }) ?? '';
      const place = zone === '' ? 'nodes without a zone' : `zone ${zone}`;
      bySignature.set(signature, {
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

  #published(state: StorageClassState): Map<LabelIndex, Map<string, Segment>> {
    const segments = new Map<LabelIndex, Map<string, Segment>>();
    for (const { nodeLabels, capacityBytes, maximumVolumeBytes } of state.capacities.values()) {
      if (nodeLabels === undefined) continue;
      const keys = Object.keys(nodeLabels).toSorted();
      const index = this.#topology.index(keys);
      const bySignature = segments.get(index) ?? new Map<string, Segment>();
      segments.set(index, bySignature);
      const signature = index.signature(nodeLabels) ?? '';
      const known = bySignature.get(signature);
      // Two objects for one segment: a leftover beside its successor. The larger counts, as kube-scheduler takes any that fits.
      if (known !== undefined && !isLarger({ capacityBytes, maximumBytes: maximumVolumeBytes }, known)) continue;
      const place = keys.map((key) => `${key}=${nodeLabels[key] ?? ''}`).join(',') || 'the whole cluster';
      const maximumBytes = maximumVolumeBytes;
      bySignature.set(signature, { place, signature, index, capacityBytes, maximumBytes, promisedBytes: undefined });
    }
    return segments;
  }

  #state(storageClassName: string): StorageClassState {
    const known = this.#classes.get(storageClassName);
    if (known !== undefined) return known;
    const made: StorageClassState = {
      capacities: new Map(),
      pools: new Map(),
      volumes: new Map(),
      promised: new Map(),
      segments: undefined,
    };
    this.#classes.set(storageClassName, made);
    return made;
  }
}

const NO_SIGNATURE = '\0';

function isLarger(left: Pick<Segment, 'capacityBytes' | 'maximumBytes'>, right: typeof left): boolean {
  if (left.capacityBytes !== right.capacityBytes) return left.capacityBytes > right.capacityBytes;
  return (left.maximumBytes ?? Number.MAX_SAFE_INTEGER) > (right.maximumBytes ?? Number.MAX_SAFE_INTEGER);
}

/** The zone that a volume can be reached from, whatever the driver calls its label (`topology.ebs.csi.aws.com/zone`); empty: no zone. */
function zoneOf(volume: VolumeFacts): string {
  for (const term of volume.nodeTerms ?? []) {
    const key = Object.keys(term).find((name) => name.endsWith('/zone'));
    if (key !== undefined) return term[key]?.[0] ?? '';
  }
  return '';
}
