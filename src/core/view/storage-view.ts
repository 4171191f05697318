import type { StoragePool } from '../../api/storage-pool.ts';
import type { HeldSlot } from '../facts/held-slot.ts';
import type { CapacityFacts, ClaimFacts, DriverFacts, StorageClassFacts, VolumeFacts } from '../facts/storage-facts.ts';
import type { Attachments } from './attachments.ts';
import { LateVolumes } from './late-volumes.ts';
import type { NodeTable } from './node-table.ts';
import { NodeVolumes } from './node-volumes.ts';
import { PoolCapacity } from './pool-capacity.ts';
import { ProvisioningFailures } from './provisioning-failures.ts';
import { PublishingDrivers } from './publishing-drivers.ts';
import { sameFacts } from './same-facts.ts';
import { StorageChanges } from './storage-changes.ts';
import { StorageFactsIndex, claimKey, classNameOf } from './storage-facts-index.ts';
import { TopologyIndex } from './topology-index.ts';
import { type Promised, VolumePromises } from './volume-promises.ts';

/** A slot's volume as it was counted, to be taken back the same. */
interface CountedVolume {
  readonly key: string;
  readonly storageClassName: string;
}

export interface StorageViewOptions {
  /**
   * All is of one moment, and no events follow: what drivers published is taken to count every volume that there is. It mostly does,
   * and where not, nobody could tell.
   */
  readonly isSnapshot?: boolean;
}

/** Everything about volumes: what is, what is promised, what is attached. Keeps its parts in step, event by event. */
export class StorageView {
  readonly facts = new StorageFactsIndex();
  readonly capacity: PoolCapacity;
  readonly onNodes: NodeVolumes;
  /** Where volumes could not be made a short time ago. */
  readonly failures: ProvisioningFailures;
  readonly #topology = new TopologyIndex();
  readonly #nodes: NodeTable;
  readonly #changes: StorageChanges;
  readonly #late: LateVolumes;
  readonly #promises: VolumePromises;
  readonly #capacities = new Map<string, CapacityFacts>();
  readonly #publishing: PublishingDrivers;
  readonly #slots = new Map<HeldSlot, readonly CountedVolume[]>();
  #generation = 0;

  constructor(nodes: NodeTable, { isSnapshot = false }: StorageViewOptions = {}) {
    this.#nodes = nodes;
    this.#changes = new StorageChanges(nodes, this.#topology);
    this.failures = new ProvisioningFailures(this.#changes);
    this.#late = new LateVolumes(nodes);
    this.capacity = new PoolCapacity(this.#topology, this.#late);
    this.onNodes = new NodeVolumes(this.facts, this.#changes);
    this.#publishing = new PublishingDrivers(this.facts, this.capacity);
    const late = isSnapshot ? undefined : this.#late;
    this.#promises = new VolumePromises({ nodes, capacity: this.capacity, facts: this.facts, late });
  }

  get attachments(): Attachments {
    return this.onNodes.attachments;
  }

  /** Bytes that the claim was promised, by storage class and row. */
  promisesOf(key: string): readonly Promised[] {
    return this.#promises.of(key);
  }

  /** Rises with every change of anything about volumes, on whatever node it matters. */
  get version(): number {
    return this.#changes.version;
  }

  /** Rises when classes or pools change: what was worked out from them for many slots is to be worked out anew. */
  get generation(): number {
    return this.#generation;
  }

  setNodeLabels(row: number, labels: Readonly<Record<string, string>> | undefined): void {
    this.#changes.note();
    this.capacity.recountRow(row);
    this.#topology.setNode(row, labels);
    this.capacity.recountRow(row);
  }

  setClaim(facts: ClaimFacts): void {
    this.#changeClaim(claimKey(facts.namespace, facts.name), facts);
  }

  deleteClaim(key: string): void {
    this.#changeClaim(key, undefined);
  }

  setVolume(facts: VolumeFacts): void {
    this.#changeVolume(facts.name, facts);
  }

  deleteVolume(name: string): void {
    this.#promises.volumeGone(name);
    this.#changeVolume(name, undefined);
  }

  setStorageClass(facts: StorageClassFacts): void {
    this.facts.classes.set(facts.name, facts);
    this.#publishing.classChanged(facts.name);
    this.#classesChanged();
  }

  deleteStorageClass(name: string): void {
    this.facts.classes.delete(name);
    this.#publishing.classChanged(name);
    this.#classesChanged();
  }

  setDriver(facts: DriverFacts): void {
    if (this.#publishing.set(facts)) this.#classesChanged();
  }

  setCapacity(facts: CapacityFacts): void {
    this.#changes.note();
    const key = claimKey(facts.namespace, facts.name);
    const before = this.#capacities.get(key);
    if (before !== undefined && !isOfSamePlace(before, facts)) this.deleteCapacity(key);
    this.#capacities.set(key, facts);
    this.capacity.setCapacity(key, facts);
    this.#changes.touchSegment(facts);
  }

  deleteCapacity(key: string): void {
    const facts = this.#capacities.get(key);
    if (facts === undefined) return;
    this.#changes.note();
    this.#capacities.delete(key);
    this.capacity.deleteCapacity(key, facts);
    this.#changes.touchSegment(facts);
  }

  setPool(pool: StoragePool): void {
    this.#changePool(pool.metadata.name, pool);
  }

  deletePool(name: string): void {
    this.#changePool(name, undefined);
  }

  /** It is `now`, epoch seconds: what is published by now counts every volume that was made long enough before. */
  advance(now: number): void {
    this.failures.expire(now);
    const over = this.#late.expire(now);
    if (this.#late.isEmpty) this.capacity.forgetGone();
    if (over.length === 0) return;
    this.#changes.note();
    for (const place of over) {
      this.capacity.recount(place);
      this.#nodes.touch(place.row);
    }
  }

  /** When to advance next, epoch seconds; undefined: nothing waits for it. */
  nextAdvance(): number | undefined {
    return this.#late.nextExpiry();
  }

  addSlot(slot: HeldSlot): void {
    const counted = slot.slot.volumes.map((volume) => {
      const key = claimKey(slot.namespace, volume.claim);
      const storageClassName = this.facts.classOf(volume);
      this.onNodes.use(slot.slot.node, key, storageClassName);
      this.#promises.addSlot(key, slot, { storageClassName, bytes: volume.bytes });
      return { key, storageClassName };
    });
    this.#slots.set(slot, counted);
  }

  removeSlot(slot: HeldSlot): void {
    for (const { key, storageClassName } of this.#slots.get(slot) ?? []) {
      this.onNodes.unuse(slot.slot.node, key, storageClassName);
      this.#promises.removeSlot(key, slot);
    }
    this.#slots.delete(slot);
  }

  #changeClaim(key: string, facts: ClaimFacts | undefined): void {
    this.facts.setClaim(key, facts);
    this.#promises.update(key);
    this.onNodes.claimChanged(key);
  }

  #changeVolume(name: string, facts: VolumeFacts | undefined): void {
    const before = this.facts.volumes.get(name);
    if (before !== undefined) this.capacity.deleteVolume(before);
    if (facts === undefined) this.facts.volumes.delete(name);
    else this.facts.volumes.set(name, facts);
    if (facts !== undefined) this.capacity.setVolume(facts);
    if (before !== undefined) this.#volumeChanged(before);
    if (facts !== undefined) this.#volumeChanged(facts);
  }

  /** Its claim may have got another driver, or its volume. */
  #volumeChanged(volume: VolumeFacts): void {
    this.onNodes.volumeChanged(volume);
    for (const key of this.facts.claimsAbout(volume)) {
      this.#promises.update(key);
      this.onNodes.claimChanged(key);
    }
  }

  /** Slots may name a pool instead of a class, so its class may be theirs. */
  #changePool(name: string, pool: StoragePool | undefined): void {
    const before = this.facts.pools.get(name);
    const classBefore = before === undefined ? undefined : classNameOf(before);
    const slots = [...this.#slots.keys()];
    const classAfter = pool === undefined ? undefined : classNameOf(pool);
    const affected =
      classBefore === classAfter ? [] : slots.filter((slot) => slot.slot.volumes.some((v) => v.pool === name));
    for (const slot of affected) this.removeSlot(slot);
    if (classBefore !== undefined) this.capacity.deletePool(name, classBefore);
    if (pool === undefined) this.facts.pools.delete(name);
    else this.facts.pools.set(name, pool);
    if (pool !== undefined && classAfter !== undefined) this.capacity.setPool(pool, classAfter);
    for (const slot of affected) this.addSlot(slot);
    this.#classesChanged();
  }

  #classesChanged(): void {
    this.#changes.note();
    this.#generation += 1;
    this.attachments.recountAll();
    this.#changes.touchAll();
  }
}

function isOfSamePlace(left: CapacityFacts, right: CapacityFacts): boolean {
  return left.storageClassName === right.storageClassName && sameFacts(left.nodeLabels, right.nodeLabels);
}
