import type { Reservation } from '../../api/reservation.ts';
import type { AcceptedSlot } from '../allocator/decision.ts';
import type { AppRef } from '../allocator/demand.ts';
import type { HeldSlot } from '../facts/held-slot.ts';
import type { NodeFacts } from '../facts/node-facts.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import type { Resources } from '../resources/resources.ts';
import { AppCharges } from './app-charges.ts';
import { BoundPods, type Workload } from './bound-pods.ts';
import { NO_AMOUNT } from './columns.ts';
import { MemberCharges, type MemberId } from './member-charges.ts';
import { PodClaims } from './pod-claims.ts';
import { PodIndex } from './pod-index.ts';
import { sameFacts } from './same-facts.ts';
import { Scratch } from './scratch.ts';
import { SlotBook } from './slot-book.ts';
import { StorageIntake } from './storage-intake.ts';
import type { StorageViewOptions } from './storage-view.ts';

/**
 * What the whole cluster has free, kept up event by event; it does no I/O. Every setter takes the object's present facts and may be
 * called in any order and again with the same facts. Reads are O(resources). Units as in Resources.
 */
export class ClusterView extends StorageIntake {
  readonly members = new MemberCharges(this.nodeTable);
  /** What the rules of other pods look at: labels, anti-affinity, host ports. */
  readonly pods = new PodIndex();
  readonly #pods = new BoundPods(this.nodeTable, this.members);
  readonly #podClaims: PodClaims;
  readonly #slots: SlotBook;
  readonly #apps: AppCharges;

  constructor(options: StorageViewOptions = {}) {
    super(options);
    const { storage } = this;
    this.#podClaims = new PodClaims(storage.onNodes);
    this.#apps = new AppCharges(this.members, storage);
    this.#slots = new SlotBook(this.members, [
      { add: (slot) => this.members.addSlot(slot), remove: (slot) => this.members.removeSlot(slot) },
      { add: (slot) => this.pods.addSlot(slot), remove: (slot) => this.pods.removeSlot(slot) },
      { add: (slot) => this.#pods.addClaim(slot), remove: (slot) => this.#pods.removeClaim(slot) },
      { add: (slot) => storage.addSlot(slot), remove: (slot) => storage.removeSlot(slot) },
      { add: (slot) => this.#apps.addSlot(slot), remove: (slot) => this.#apps.removeSlot(slot) },
    ]);
  }

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
    this.#podClaims.release(facts.uid);
    this.#pods.set(facts);
    this.pods.set(facts);
    this.#podClaims.set(facts);
  }

  deletePod(uid: string): void {
    this.#podClaims.release(uid);
    this.#pods.delete(uid);
    this.pods.delete(uid);
  }

  /**
   * The slots of one app. A slot that was assumed and is now seen is assumed no longer. Conflicted slots hold nothing.
   * @throws Error naming member and resource when a quantity is malformed; the view is then as before.
   */
  setReservation(reservation: Reservation): void {
    this.#slots.set(reservation);
  }

  deleteReservation(key: string): void {
    this.#slots.delete(key);
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
    this.#slots.assume(app, slots, framework);
  }

  /** The write failed, or the app is gone: what was assumed for it and not seen counts no longer. */
  forget(app: AppRef): void {
    this.#slots.forget(app);
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
    return this.#slots.of({ appUid, member });
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
}
