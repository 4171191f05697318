import type { AttachmentFacts, CsiNodeFacts } from '../facts/storage-facts.ts';

/** Of a claim that is used or promised on a node: which driver attaches it; undefined when nothing is attached or it is not known. */
export type DriverOf = (claimKey: string, storageClassName: string) => string | undefined;
/** The claim of a PersistentVolume by the volume's name; undefined when it has none or is not known. */
export type ClaimOf = (volumeName: string) => string | undefined;

interface ClaimUse {
  readonly claimKey: string;
  readonly storageClassName: string;
  count: number;
}

/**
 * Distinct volumes in use per node and driver, as kube-scheduler's NodeVolumeLimits counts them: volumes of pods and of slots, and what
 * is attached by VolumeAttachment. A volume is known by its claim, so that it stays the same one when the claim gets bound.
 */
export class Attachments {
  readonly #driverOf: DriverOf;
  readonly #claimOf: ClaimOf;
  readonly #limits = new Map<string, CsiNodeFacts>();
  readonly #nodesWithDriver = new Map<string, number>();
  readonly #uses = new Map<string, Map<string, ClaimUse>>();
  readonly #nodesOfClaim = new Map<string, Set<string>>();
  readonly #attachments = new Map<string, AttachmentFacts>();
  readonly #attached = new Map<string, Map<string, AttachmentFacts>>();
  readonly #nodesOfVolume = new Map<string, Set<string>>();
  /** By node: driver → volumes in use. Kept until something in it changes. */
  readonly #inUse = new Map<string, ReadonlyMap<string, ReadonlySet<string>>>();

  constructor(driverOf: DriverOf, claimOf: ClaimOf) {
    this.#driverOf = driverOf;
    this.#claimOf = claimOf;
  }

  setCsiNode(facts: CsiNodeFacts): void {
    this.deleteCsiNode(facts.name);
    this.#limits.set(facts.name, facts);
    for (const { name } of facts.drivers) this.#nodesWithDriver.set(name, (this.#nodesWithDriver.get(name) ?? 0) + 1);
  }

  /** Returns whether anything was known of it. */
  deleteCsiNode(name: string): boolean {
    for (const driver of this.#limits.get(name)?.drivers ?? []) {
      const rest = (this.#nodesWithDriver.get(driver.name) ?? 0) - 1;
      if (rest <= 0) this.#nodesWithDriver.delete(driver.name);
      else this.#nodesWithDriver.set(driver.name, rest);
    }
    return this.#limits.delete(name);
  }

  /** How many nodes run this driver. */
  nodesWithDriver(driver: string): number {
    return this.#nodesWithDriver.get(driver) ?? 0;
  }

  /** Whether the node runs the driver; undefined when the node has told nothing about its drivers. */
  runsDriver(node: string, driver: string): boolean | undefined {
    return this.#limits.get(node)?.drivers.some(({ name }) => name === driver);
  }

  /** How many volumes of the driver the node attaches at most; undefined: no limit is known. */
  limit(node: string, driver: string): number | undefined {
    return this.#limits.get(node)?.drivers.find(({ name }) => name === driver)?.attachLimit;
  }

  /** The drivers that the node runs and that limit how many volumes they attach there. */
  limitedDrivers(node: string): readonly { readonly name: string; readonly attachLimit: number }[] {
    return (this.#limits.get(node)?.drivers ?? []).flatMap(({ name, attachLimit }) =>
      attachLimit === undefined ? [] : [{ name, attachLimit }],
    );
  }

  /** Claims (or, without one, volumes) of the driver that are in use or promised on the node. */
  inUse(node: string, driver: string): ReadonlySet<string> {
    let byDriver = this.#inUse.get(node);
    if (byDriver === undefined) {
      byDriver = this.#count(node);
      this.#inUse.set(node, byDriver);
    }
    return byDriver.get(driver) ?? NONE;
  }

  /** A pod or a slot on the node uses the claim. The class (of a slot, else empty) matters while the claim does not exist. */
  use(node: string, claimKey: string, storageClassName: string): void {
    const uses = this.#uses.get(node) ?? new Map<string, ClaimUse>();
    this.#uses.set(node, uses);
    const name = `${claimKey} ${storageClassName}`;
    const use = uses.get(name) ?? { claimKey, storageClassName, count: 0 };
    use.count += 1;
    uses.set(name, use);
    addTo(this.#nodesOfClaim, claimKey, node);
    this.#inUse.delete(node);
  }

  unuse(node: string, claimKey: string, storageClassName: string): void {
    const uses = this.#uses.get(node);
    const use = uses?.get(`${claimKey} ${storageClassName}`);
    if (uses === undefined || use === undefined) return;
    use.count -= 1;
    this.#inUse.delete(node);
    if (use.count > 0) return;
    uses.delete(`${claimKey} ${storageClassName}`);
    if (uses.size === 0) this.#uses.delete(node);
    if (![...uses.values()].some((other) => other.claimKey === claimKey)) {
      removeFrom(this.#nodesOfClaim, claimKey, node);
    }
  }

  /** Returns the nodes on which that matters. */
  setAttachment(facts: AttachmentFacts): readonly string[] {
    const before = this.deleteAttachment(facts.name);
    this.#attachments.set(facts.name, facts);
    const attached = this.#attached.get(facts.nodeName) ?? new Map<string, AttachmentFacts>();
    this.#attached.set(facts.nodeName, attached.set(facts.name, facts));
    addTo(this.#nodesOfVolume, facts.volumeName, facts.nodeName);
    this.#inUse.delete(facts.nodeName);
    return before === undefined ? [facts.nodeName] : [before, facts.nodeName];
  }

  /** Returns the node on which that matters; undefined: it was not known. */
  deleteAttachment(name: string): string | undefined {
    const facts = this.#attachments.get(name);
    if (facts === undefined) return undefined;
    this.#attachments.delete(name);
    const attached = this.#attached.get(facts.nodeName);
    attached?.delete(name);
    if (attached?.size === 0) this.#attached.delete(facts.nodeName);
    const others = [...(attached?.values() ?? [])].some(({ volumeName }) => volumeName === facts.volumeName);
    if (!others) removeFrom(this.#nodesOfVolume, facts.volumeName, facts.nodeName);
    this.#inUse.delete(facts.nodeName);
    return facts.nodeName;
  }

  /** The claim changed: bound, renamed, another driver. Returns the nodes on which that matters. */
  claimChanged(claimKey: string): Iterable<string> {
    return this.#recount(this.#nodesOfClaim.get(claimKey));
  }

  volumeChanged(volumeName: string): Iterable<string> {
    return this.#recount(this.#nodesOfVolume.get(volumeName));
  }

  /** A storage class changed: it may be any node's. */
  recountAll(): void {
    this.#inUse.clear();
  }

  #recount(nodes: ReadonlySet<string> = NONE): ReadonlySet<string> {
    for (const node of nodes) this.#inUse.delete(node);
    return nodes;
  }

  #count(node: string): ReadonlyMap<string, ReadonlySet<string>> {
    const byDriver = new Map<string, Set<string>>();
    for (const { claimKey, storageClassName } of this.#uses.get(node)?.values() ?? []) {
      const driver = this.#driverOf(claimKey, storageClassName);
      if (driver !== undefined) addTo(byDriver, driver, claimKey);
    }
    for (const { driver, volumeName } of this.#attached.get(node)?.values() ?? []) {
      addTo(byDriver, driver, this.#claimOf(volumeName) ?? `volume ${volumeName}`);
    }
    return byDriver;
  }
}

const NONE: ReadonlySet<string> = new Set();

function addTo(map: Map<string, Set<string>>, key: string, item: string): void {
  const items = map.get(key) ?? new Set<string>();
  map.set(key, items.add(item));
}

function removeFrom(map: Map<string, Set<string>>, key: string, item: string): void {
  const items = map.get(key);
  items?.delete(item);
  if (items?.size === 0) map.delete(key);
}
