import type { StoragePool } from '../../api/storage-pool.ts';
import type { CapacityFacts, VolumeFacts } from '../facts/storage-facts.ts';
import { parseBytes } from '../resources/quantity.ts';
import { type ClassCapacity, emptyClassCapacity, isLimited, layersOf, segmentsOfRow } from './capacity-layers.ts';
import type { LatePlace, LateVolumes } from './late-volumes.ts';
import { type Segment, zoneOf } from './segments.ts';
import { SharedDisks } from './shared-disks.ts';
import type { TopologyIndex } from './topology-index.ts';

/** One limit on where volumes of a class may be made: these segments (none: nowhere). Every limit of the class must have room. */
export interface CapacityLimit {
  readonly source: Segment['source'];
  readonly segments: readonly Segment[];
}

/** What a storage class can give a node: nothing known (undefined: unlimited), or these segments (none: the class does not serve it). */
export type SegmentsAt = readonly Segment[] | undefined;

const UNLIMITED: readonly CapacityLimit[] = [];

/** Free bytes per storage class and topology segment. Sums are worked out when asked for and kept until something in them changes. */
export class PoolCapacity {
  readonly #topology: TopologyIndex;
  readonly #late: LateVolumes;
  readonly #disks = new SharedDisks();
  readonly #classes = new Map<string, ClassCapacity>();

  constructor(topology: TopologyIndex, late: LateVolumes) {
    this.#topology = topology;
    this.#late = late;
  }

  setCapacity(key: string, facts: CapacityFacts): void {
    const state = this.#state(facts.storageClassName);
    state.capacities.set(key, facts);
    state.layers = undefined;
    this.#fell(facts, state.levels.set(key, facts.nodeLabels, facts.capacityBytes));
  }

  deleteCapacity(key: string, facts: CapacityFacts): void {
    const state = this.#state(facts.storageClassName);
    state.capacities.delete(key);
    state.layers = undefined;
    this.#fell(facts, state.levels.delete(key, facts.nodeLabels));
  }

  /** A pool over this class: what it declares, and with which others it shares disks. */
  setPool(pool: StoragePool, storageClassName: string): void {
    const state = this.#state(storageClassName);
    const { source, perZone } = pool.spec.capacity;
    if (source === 'Declared') {
      state.pools.set(pool.metadata.name, new Map(perZone.map(({ zone, size }) => [zone, parseBytes(size)])));
    } else {
      state.pools.delete(pool.metadata.name);
    }
    state.layers = undefined;
    if (this.#disks.setPool(pool, storageClassName)) this.#startAnew();
  }

  deletePool(name: string, storageClassName: string): void {
    const state = this.#state(storageClassName);
    state.pools.delete(name);
    state.layers = undefined;
    if (this.#disks.deletePool(name)) this.#startAnew();
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
    const { promised } = this.#state(storageClassName);
    const sum = (promised.get(row) ?? 0) + bytes;
    if (sum === 0) promised.delete(row);
    else promised.set(row, sum);
    this.recount({ storageClassName, row });
  }

  /** To be called when something that a volume of the class takes there changed. */
  recount({ storageClassName, row }: LatePlace): void {
    for (const name of this.sharing(storageClassName)) this.#recount(this.#classes.get(name), row);
  }

  /** A volume is gone that what is published may not have told of. */
  left({ storageClassName, row }: LatePlace): void {
    const classes = this.sharing(storageClassName);
    for (const name of classes) {
      for (const { source, index, signature } of this.segmentsAt(name, row) ?? [])
        if (source === 'published') this.#late.takeBack(name, classes, index.rowsOf(signature));
    }
  }

  /** To be called before and after the node's labels change: its promises move from one segment to another. */
  recountRow(row: number): void {
    for (const state of this.#classes.values()) this.#recount(state, row);
  }

  /** Segments that are gone need not be remembered: no volume waits for what is published of them. */
  forgetGone(): void {
    for (const { levels } of this.#classes.values()) levels.forgetGone();
  }

  /** The class itself, and the classes that lie on the same disks. */
  sharing(storageClassName: string): readonly string[] {
    return this.#disks.of(storageClassName);
  }

  /** Of new volumes (bytes by class) all that would be taken from such a segment of the class: with the classes on the same disks. */
  wantedOf(storageClassName: string, source: Segment['source'], newBytes: ReadonlyMap<string, number>): number {
    return this.#countedIn(storageClassName, source).reduce((sum, name) => sum + (newBytes.get(name) ?? 0), 0);
  }

  /** The segments of all limits together. */
  segmentsAt(storageClassName: string, row: number): SegmentsAt {
    const limits = this.limitsAt(storageClassName, row);
    return limits.length === 0 ? undefined : limits.flatMap(({ segments }) => segments);
  }

  /** The segments from which a new volume of the class takes: its own, and what is published for classes on the same disks. */
  takenFrom(storageClassName: string, row: number): readonly Segment[] {
    return this.sharing(storageClassName).flatMap((name) =>
      (this.segmentsAt(name, row) ?? []).filter(({ source }) => name === storageClassName || source === 'published'),
    );
  }

  /** What limits the class at this node; nothing: unlimited. */
  limitsAt(storageClassName: string, row: number): readonly CapacityLimit[] {
    const state = this.#classes.get(storageClassName);
    if (state === undefined || !isLimited(state)) return UNLIMITED;
    return layersOf(state, this.#topology).map(({ source, segments }) => ({
      source,
      segments: segmentsOfRow(segments, row),
    }));
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
    const [first] = layersOf(state, this.#topology);
    for (const bySignature of first?.segments.values() ?? []) {
      for (const segment of bySignature.values()) total += segment.capacityBytes;
    }
    for (const volume of state.volumes.values()) total += volume.bytes;
    return total;
  }

  /** A budget is a pool's own, and counts volumes itself. */
  #countedIn(storageClassName: string, source: Segment['source']): readonly string[] {
    return source === 'published' ? this.sharing(storageClassName) : [storageClassName];
  }

  #promisedIn(storageClassName: string, segment: Segment): number {
    const rows = segment.index.rowsOf(segment.signature);
    const classes = this.#countedIn(storageClassName, segment.source);
    let sum = segment.source === 'published' ? this.#late.bytesIn(storageClassName, classes, rows) : 0;
    for (const name of classes) sum += sumOf(this.#classes.get(name)?.promised, rows);
    return sum;
  }

  #fell({ storageClassName, nodeLabels }: CapacityFacts, bytes: number): void {
    if (bytes === 0 || nodeLabels === undefined || this.#late.isEmpty) return;
    const index = this.#topology.index(Object.keys(nodeLabels).toSorted());
    const rows = index.rowsOf(index.signature(nodeLabels) ?? '');
    this.#late.fell(storageClassName, this.sharing(storageClassName), rows, bytes);
  }

  #recount(state: ClassCapacity | undefined, row: number): void {
    for (const { segments } of state?.layers ?? []) {
      for (const segment of segmentsOfRow(segments, row)) segment.promisedBytes = undefined;
    }
  }

  #startAnew(): void {
    for (const state of this.#classes.values()) state.layers = undefined;
  }

  #state(storageClassName: string): ClassCapacity {
    const known = this.#classes.get(storageClassName);
    if (known !== undefined) return known;
    const made = emptyClassCapacity();
    this.#classes.set(storageClassName, made);
    return made;
  }
}

/** Of few nodes, or of few promises: whichever are fewer are gone through. */
function sumOf(promised: ReadonlyMap<number, number> | undefined, rows: ReadonlySet<number>): number {
  if (promised === undefined) return 0;
  let sum = 0;
  if (rows.size < promised.size) {
    for (const row of rows) sum += promised.get(row) ?? 0;
  } else {
    for (const [row, bytes] of promised) if (rows.has(row)) sum += bytes;
  }
  return sum;
}
