import type { StoragePool } from '../../api/storage-pool.ts';
import type { HeldSlot } from '../facts/held-slot.ts';
import type {
  AttachmentFacts,
  CapacityFacts,
  ClaimFacts,
  CsiNodeFacts,
  DriverFacts,
  StorageClassFacts,
  VolumeFacts,
} from '../facts/storage-facts.ts';
import { Attachments } from './attachments.ts';
import type { NodeTable } from './node-table.ts';
import { PoolCapacity } from './pool-capacity.ts';
import { StorageFactsIndex, claimKey, classNameOf } from './storage-facts-index.ts';
import { TopologyIndex } from './topology-index.ts';
import { type Promised, VolumePromises } from './volume-promises.ts';

/** A slot's volume as it was counted, to be taken back the same. */
interface CountedVolume {
  readonly key: string;
  readonly storageClassName: string;
}

/** Everything about volumes: what is, what is promised, what is attached. Keeps its parts in step, event by event. */
export class StorageView {
  readonly facts = new StorageFactsIndex();
  readonly attachments: Attachments;
  readonly #topology = new TopologyIndex();
  readonly capacity = new PoolCapacity(this.#topology);
  readonly #nodes: NodeTable;
  readonly #promises: VolumePromises;
  readonly #capacities = new Map<string, CapacityFacts>();
  readonly #publishingDrivers = new Set<string>();
  readonly #csiNodes = new Set<string>();
  readonly #attachments = new Map<string, AttachmentFacts>();
  readonly #slots = new Map<HeldSlot, readonly CountedVolume[]>();
  readonly #failures = new Map<string, number>();
  #generation = 0;
  #version = 0;

  constructor(nodes: NodeTable) {
    this.#nodes = nodes;
    this.#promises = new VolumePromises(nodes, this.capacity);
    this.attachments = new Attachments(
      (key, storageClassName) => this.facts.driverOf(key, storageClassName),
      (volumeName) => this.facts.claimOfVolume(volumeName),
    );
  }

  /** Bytes that the claim was promised, by storage class and row. */
  promisesOf(key: string): readonly Promised[] {
    return this.#promises.of(key);
  }

  /** Rises with every change of anything about volumes, on whatever node it matters. */
  get version(): number {
    return this.#version;
  }

  /** Rises when classes or pools change: what was worked out from them for many slots is to be worked out anew. */
  get generation(): number {
    return this.#generation;
  }

  setNodeLabels(row: number, labels: Readonly<Record<string, string>> | undefined): void {
    this.#version += 1;
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
    this.#version += 1;
    this.#dropVolume(facts.name);
    this.facts.volumes.set(facts.name, facts);
    this.capacity.setVolume(facts);
    this.#volumeChanged(facts);
  }

  deleteVolume(name: string): void {
    this.#dropVolume(name);
  }

  setStorageClass(facts: StorageClassFacts): void {
    this.#version += 1;
    this.facts.classes.set(facts.name, facts);
    this.#tellPublishing(facts.name);
    this.#classesChanged();
  }

  deleteStorageClass(name: string): void {
    this.#version += 1;
    this.facts.classes.delete(name);
    this.#tellPublishing(name);
    this.#classesChanged();
  }

  setDriver({ name, publishesCapacity }: DriverFacts): void {
    if (publishesCapacity === this.#publishingDrivers.has(name)) return;
    if (publishesCapacity) this.#publishingDrivers.add(name);
    else this.#publishingDrivers.delete(name);
    for (const { provisioner, name: className } of this.facts.classes.values()) {
      if (provisioner === name) this.#tellPublishing(className);
    }
    this.#classesChanged();
  }

  deleteDriver(name: string): void {
    this.setDriver({ name, publishesCapacity: false });
  }

  setCapacity(facts: CapacityFacts): void {
    this.#version += 1;
    const key = claimKey(facts.namespace, facts.name);
    this.deleteCapacity(key);
    this.#capacities.set(key, facts);
    this.capacity.setCapacity(key, facts);
    this.#touchSegment(facts);
  }

  deleteCapacity(key: string): void {
    const facts = this.#capacities.get(key);
    if (facts === undefined) return;
    this.#version += 1;
    this.#capacities.delete(key);
    this.capacity.deleteCapacity(key, facts.storageClassName);
    this.#touchSegment(facts);
  }

  setCsiNode(facts: CsiNodeFacts): void {
    this.#version += 1;
    this.attachments.setCsiNode(facts);
    this.#csiNodes.add(facts.name);
    this.#touch(facts.name);
  }

  deleteCsiNode(name: string): void {
    if (!this.#csiNodes.delete(name)) return;
    this.#version += 1;
    this.attachments.deleteCsiNode(name);
    this.#touch(name);
  }

  setAttachment(facts: AttachmentFacts): void {
    this.#version += 1;
    this.deleteAttachment(facts.name);
    this.#attachments.set(facts.name, facts);
    this.attachments.setAttachment(facts);
    this.#touch(facts.nodeName);
  }

  deleteAttachment(name: string): void {
    const facts = this.#attachments.get(name);
    if (facts === undefined) return;
    this.#version += 1;
    this.#attachments.delete(name);
    this.attachments.deleteAttachment(facts);
    this.#touch(facts.nodeName);
  }

  setPool(pool: StoragePool): void {
    this.#changePool(pool.metadata.name, pool);
  }

  deletePool(name: string): void {
    this.#changePool(name, undefined);
  }

  /** The class could not make a volume for this node: not again before `untilSeconds` (epoch). */
  setProvisioningFailure(node: string, storageClassName: string, untilSeconds: number): void {
    this.#version += 1;
    this.#failures.set(`${node} ${storageClassName}`, untilSeconds);
    this.#touch(node);
  }

  /** Until when the class is not tried for this node (epoch seconds); 0: it may be tried. */
  failingUntil(node: string, storageClassName: string): number {
    if (this.#failures.size === 0) return 0;
    return this.#failures.get(`${node} ${storageClassName}`) ?? 0;
  }

  /** Whether there were failures, of which some may have ended since. */
  get hasFailures(): boolean {
    return this.#failures.size > 0;
  }

  use(node: string, key: string, storageClassName: string): void {
    this.#version += 1;
    this.attachments.use(node, key, storageClassName);
    this.#touch(node);
  }

  unuse(node: string, key: string, storageClassName: string): void {
    this.#version += 1;
    this.attachments.unuse(node, key, storageClassName);
    this.#touch(node);
  }

  addSlot(slot: HeldSlot): void {
    const counted = slot.slot.volumes.map((volume) => {
      const key = claimKey(slot.namespace, volume.claim);
      const storageClassName = this.facts.classOf(volume);
      this.use(slot.slot.node, key, storageClassName);
      this.#promises.addSlot(key, slot, { storageClassName, bytes: volume.bytes }, this.facts.claim(key));
      return { key, storageClassName };
    });
    this.#slots.set(slot, counted);
  }

  removeSlot(slot: HeldSlot): void {
    for (const { key, storageClassName } of this.#slots.get(slot) ?? []) {
      this.unuse(slot.slot.node, key, storageClassName);
      this.#promises.removeSlot(key, slot, this.facts.claim(key));
    }
    this.#slots.delete(slot);
  }

  #changeClaim(key: string, facts: ClaimFacts | undefined): void {
    this.#version += 1;
    this.facts.setClaim(key, facts);
    this.#promises.update(key, facts);
    for (const node of this.attachments.claimChanged(key)) this.#touch(node);
  }

  #dropVolume(name: string): void {
    const before = this.facts.volumes.get(name);
    if (before === undefined) return;
    this.#version += 1;
    this.facts.volumes.delete(name);
    this.capacity.deleteVolume(before);
    this.#volumeChanged(before);
  }

  /** Its claim may have got another driver; what is attached by its name may have got another claim. */
  #volumeChanged(volume: VolumeFacts): void {
    for (const node of this.attachments.volumeChanged(volume.name)) this.#touch(node);
    for (const key of this.facts.claimsAbout(volume)) {
      for (const node of this.attachments.claimChanged(key)) this.#touch(node);
    }
  }

  /** Slots may name a pool instead of a class, so its class may be theirs. */
  #changePool(name: string, pool: StoragePool | undefined): void {
    this.#version += 1;
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

  #tellPublishing(className: string): void {
    const driver = this.facts.classes.get(className)?.provisioner ?? '';
    this.capacity.setPublishing(className, this.#publishingDrivers.has(driver));
  }

  #classesChanged(): void {
    this.#version += 1;
    this.#generation += 1;
    this.attachments.recountAll();
    this.#touchAll();
  }

  #touchSegment({ nodeLabels }: CapacityFacts): void {
    if (nodeLabels === undefined) return;
    const index = this.#topology.index(Object.keys(nodeLabels).toSorted());
    for (const row of index.rowsOf(index.signature(nodeLabels) ?? '')) this.#nodes.touch(row);
  }

  #touchAll(): void {
    for (const [row, facts] of this.#nodes.facts.entries()) if (facts !== undefined) this.#nodes.touch(row);
  }

  #touch(node: string): void {
    const row = this.#nodes.rowOf(node);
    if (row !== undefined) this.#nodes.touch(row);
  }
}
