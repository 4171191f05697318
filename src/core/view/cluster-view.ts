import type { Reservation } from '../../api/reservation.ts';
import type { StoragePool } from '../../api/storage-pool.ts';
import type { AcceptedSlot } from '../allocator/decision.ts';
import type { AppRef } from '../allocator/demand.ts';
import { winner } from '../allocator/slot-conflict.ts';
import { type HeldSlot, readHeldSlots, withPod } from '../facts/held-slot.ts';
import type { NodeFacts } from '../facts/node-facts.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import type {
  AttachmentFacts,
  CapacityFacts,
  ClaimFacts,
  CsiNodeFacts,
  DriverFacts,
  StorageClassFacts,
  VolumeFacts,
} from '../facts/storage-facts.ts';
import type { Resources } from '../resources/resources.ts';
import { sameResources } from '../resources/vector.ts';
import { AppCharges } from './app-charges.ts';
import { AssumedSlots, isAssumed } from './assumed-slots.ts';
import { BoundPods, type Workload } from './bound-pods.ts';
import { NO_AMOUNT } from './columns.ts';
import { MemberCharges, type MemberId } from './member-charges.ts';
import { NodeTable } from './node-table.ts';
import { PodIndex } from './pod-index.ts';
import { sameFacts } from './same-facts.ts';
import { Scratch } from './scratch.ts';
import { StorageView } from './storage-view.ts';

/**
 * What the whole cluster has free, kept up event by event; it does no I/O. Every setter takes the object's present facts and may be
 * called in any order and again with the same facts. Reads are O(resources). Units as in Resources.
 */
export class ClusterView {
  /** For placement inside core: the rows behind the names. */
  readonly nodeTable = new NodeTable();
  readonly members = new MemberCharges(this.nodeTable);
  readonly storage = new StorageView(this.nodeTable);
  /** What the rules of other pods look at: labels, anti-affinity, host ports. */
  readonly pods = new PodIndex();
  readonly #pods = new BoundPods(this.nodeTable, this.members);
  readonly #podClaims = new Map<string, { readonly node: string; readonly claims: readonly string[] }>();
  readonly #reservations = new Map<string, readonly HeldSlot[]>();
  readonly #assumed = new AssumedSlots();
  readonly #apps = new AppCharges(this.members, this.storage);

  /** Counts changes of anything; an offer carries the generation of its node. */
  get generationCount(): number {
    return this.nodeTable.generation;
  }

  setNode(facts: NodeFacts): void {
    const known = this.nodeTable.rowOf(facts.name);
    const before = known === undefined ? undefined : this.nodeTable.facts[known];
    const isNew = known === undefined || before === undefined;
    // A node tells of its health every few minutes: nothing has changed then.
    if (before !== undefined && sameFacts(before, facts)) return;
    const row = isNew ? this.nodeTable.retain(facts.name) : known;
    this.nodeTable.setFacts(row, facts);
    this.storage.setNodeLabels(row, facts.labels);
  }

  deleteNode(name: string): void {
    const row = this.nodeTable.rowOf(name);
    if (row === undefined || this.nodeTable.facts[row] === undefined) return;
    this.storage.setNodeLabels(row, undefined);
    this.nodeTable.setFacts(row, undefined);
    this.nodeTable.release(row);
  }

  /** A pod that is not bound, or has finished, takes no room. */
  setPod(facts: PodFacts): void {
    if (facts.nodeName === '' || facts.phase === 'Succeeded' || facts.phase === 'Failed') {
      this.deletePod(facts.uid);
      return;
    }
    this.#releaseClaims(facts.uid);
    this.#pods.set(facts);
    this.pods.set(facts);
    if (facts.claims.length === 0) return;
    const claims = facts.claims.map((name) => `${facts.namespace}/${name}`);
    this.#podClaims.set(facts.uid, { node: facts.nodeName, claims });
    for (const key of claims) this.storage.use(facts.nodeName, key, '');
  }

  deletePod(uid: string): void {
    this.#releaseClaims(uid);
    this.#pods.delete(uid);
    this.pods.delete(uid);
  }

  setClaim(facts: ClaimFacts): void {
    this.storage.setClaim(facts);
  }

  deleteClaim(key: string): void {
    this.storage.deleteClaim(key);
  }

  setVolume(facts: VolumeFacts): void {
    this.storage.setVolume(facts);
  }

  deleteVolume(name: string): void {
    this.storage.deleteVolume(name);
  }

  setStorageClass(facts: StorageClassFacts): void {
    this.storage.setStorageClass(facts);
  }

  deleteStorageClass(name: string): void {
    this.storage.deleteStorageClass(name);
  }

  setCapacity(facts: CapacityFacts): void {
    this.storage.setCapacity(facts);
  }

  deleteCapacity(key: string): void {
    this.storage.deleteCapacity(key);
  }

  setDriver(facts: DriverFacts): void {
    this.storage.setDriver(facts);
  }

  deleteDriver(name: string): void {
    this.storage.deleteDriver(name);
  }

  setCsiNode(facts: CsiNodeFacts): void {
    this.storage.setCsiNode(facts);
  }

  deleteCsiNode(name: string): void {
    this.storage.deleteCsiNode(name);
  }

  setAttachment(facts: AttachmentFacts): void {
    this.storage.setAttachment(facts);
  }

  deleteAttachment(name: string): void {
    this.storage.deleteAttachment(name);
  }

  setPool(pool: StoragePool): void {
    this.storage.setPool(pool);
  }

  deletePool(name: string): void {
    this.storage.deletePool(name);
  }

  /** The driver could not make a volume of this class for the node: placement leaves the node out until then (epoch seconds). */
  setProvisioningFailure(nodeName: string, storageClassName: string, untilSeconds: number): void {
    this.storage.setProvisioningFailure(nodeName, storageClassName, untilSeconds);
  }

  /**
   * The slots of one app. A slot that was assumed and is now seen is assumed no longer. Conflicted slots hold nothing.
   * @throws Error naming member and resource when a quantity is malformed; the view is then as before.
   */
  setReservation(reservation: Reservation): void {
    const key = `${reservation.metadata.namespace}/${reservation.metadata.name}`;
    const slots = readHeldSlots(reservation);
    for (const slot of this.#reservations.get(key) ?? []) this.#removeSlot(slot);
    this.#reservations.set(key, slots);
    for (const slot of slots) {
      this.#addSlot(slot);
      const seen = this.#assumed.takeSeen(slot);
      if (seen !== undefined) this.#removeSlot(seen);
    }
  }

  deleteReservation(key: string): void {
    for (const slot of this.#reservations.get(key) ?? []) this.#removeSlot(slot);
    this.#reservations.delete(key);
  }

  /** The chain from a StatefulSet's UID to its app. Only pods of such a StatefulSet are members: a label is never proof. */
  setWorkload(statefulSetUid: string, workload: Workload): void {
    this.#pods.setWorkload(statefulSetUid, workload);
  }

  deleteWorkload(statefulSetUid: string): void {
    this.#pods.setWorkload(statefulSetUid, undefined);
  }

  /** Slots that were accepted and are about to be written: they count from now on, until they are seen or forgotten. */
  assume(app: AppRef, slots: readonly AcceptedSlot[], framework = ''): void {
    for (const accepted of slots) {
      if (this.#isSeen(app, accepted)) continue;
      const { added, replaced } = this.#assumed.add(app, accepted, framework);
      if (replaced !== undefined) this.#removeSlot(replaced);
      this.#addSlot(added);
    }
  }

  /** The write failed, or the app is gone: what was assumed for it and not seen counts no longer. */
  forget(app: AppRef): void {
    for (const slot of this.#assumed.takeAll(app.uid)) this.#removeSlot(slot);
  }

  node(name: string): NodeFacts | undefined {
    const row = this.nodeTable.rowOf(name);
    return row === undefined ? undefined : this.nodeTable.facts[row];
  }

  nodes(): readonly NodeFacts[] {
    return this.nodeTable.facts.filter((facts) => facts !== undefined);
  }

  get nodeCount(): number {
    return this.nodeTable.nodeCount;
  }

  /** Numbers that rise with every change: of what members are charged, of anything about volumes, of pods that rules may look at. */
  versions(): { readonly members: number; readonly storage: number; readonly pods: number } {
    return { members: this.members.version, storage: this.storage.version, pods: this.pods.version };
  }

  /** Bound pods that have not finished. */
  get podCount(): number {
    return this.#pods.count;
  }

  /** Rises with every change on the node; 0 for a node that is not known. */
  generation(nodeName: string): number {
    const row = this.nodeTable.rowOf(nodeName);
    return row === undefined ? 0 : (this.nodeTable.generations[row] ?? 0);
  }

  /** Names of the nodes that changed after this generation (see generationCount). */
  dirtySince(generation: number): readonly string[] {
    const { facts, generations } = this.nodeTable;
    return facts.flatMap((node, row) =>
      node !== undefined && (generations[row] ?? 0) > generation ? [node.name] : [],
    );
  }

  /**
   * Allocatable − bound, not finished pods − slots; each member counts once, with the larger of its slot and its pod. For a member
   * its own slot and pod do not count: it is what the node would have for it. Empty for a node that is not known.
   */
  free(nodeName: string, forMember?: MemberId): Resources {
    const row = this.nodeTable.rowOf(nodeName);
    if (row === undefined || this.nodeTable.facts[row] === undefined) return {};
    return this.nodeTable.free(row, forMember === undefined ? NO_AMOUNT : this.members.chargeOn(forMember, row));
  }

  /** How many more volumes of the CSI driver the node can attach, slots counted in; undefined: no limit is known. */
  attachFree(nodeName: string, driver: string): number | undefined {
    const limit = this.storage.attachments.limit(nodeName, driver);
    return limit === undefined ? undefined : Math.max(0, limit - this.storage.attachments.inUse(nodeName, driver).size);
  }

  /** The member's slot. Of several (a leader change, or one assumed) the one that wins the conflict; conflicted ones never. */
  slotOf(appUid: string, member: string): HeldSlot | undefined {
    let best: HeldSlot | undefined;
    for (const slot of this.members.slotsOf({ appUid, member })) best = best === undefined ? slot : better(best, slot);
    return best;
  }

  /** Every slot that holds something on this node. */
  slotsOn(nodeName: string): readonly HeldSlot[] {
    const row = this.nodeTable.rowOf(nodeName);
    return row === undefined ? [] : [...this.members.slotsOn(row)];
  }

  /** Whose member a pod is, by its ownerReference chain alone; undefined: nobody's. */
  memberOf(pod: Pick<PodFacts, 'owner' | 'namespace' | 'name'>): MemberId | undefined {
    return this.#pods.memberOf(pod);
  }

  /** What each Framework is charged: its apps' members (slots and pods), and `storage.proffer.dev/<pool>` and attach slots of slots. */
  charges(): ReadonlyMap<string, Resources> {
    return this.#apps.byFramework();
  }

  /** A copy on which placements are tried; the view stays as it is. */
  scratch(): Scratch {
    return new Scratch(this.nodeTable, this.members, this.storage);
  }

  #isSeen(app: AppRef, accepted: AcceptedSlot): boolean {
    const slots = [...this.members.slotsOf({ appUid: app.uid, member: accepted.member })];
    const wanted = withPod(accepted.resources);
    return slots.some(
      (slot) => !isAssumed(slot) && slot.slot.node === accepted.node && sameResources(slot.resources, wanted),
    );
  }

  #addSlot(slot: HeldSlot): void {
    if (slot.slot.state === 'Conflicted') return;
    this.members.addSlot(slot);
    this.pods.addSlot(slot);
    this.#pods.addClaim(slot);
    this.storage.addSlot(slot);
    this.#apps.addSlot(slot);
  }

  #removeSlot(slot: HeldSlot): void {
    if (slot.slot.state === 'Conflicted') return;
    this.#apps.removeSlot(slot);
    this.storage.removeSlot(slot);
    this.#pods.removeClaim(slot);
    this.members.removeSlot(slot);
    this.pods.removeSlot(slot);
  }

  #releaseClaims(podUid: string): void {
    const use = this.#podClaims.get(podUid);
    if (use === undefined) return;
    for (const key of use.claims) this.storage.unuse(use.node, key, '');
    this.#podClaims.delete(podUid);
  }
}

function better(left: HeldSlot, right: HeldSlot): HeldSlot {
  return winner({ ...left.slot, uid: left.uid, held: left }, { ...right.slot, uid: right.uid, held: right }).held;
}
