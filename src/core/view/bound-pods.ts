import { ordinalOf } from '../app/member-name.ts';
import type { HeldSlot } from '../facts/held-slot.ts';
import type { OwnerRef, PodFacts } from '../facts/pod-facts.ts';
import type { Amount } from './columns.ts';
import { type MemberCharges, type MemberId, keyOf } from './member-charges.ts';
import type { NodeTable } from './node-table.ts';

/** Which app a StatefulSet belongs to, as its own ownerReference says. */
export interface Workload {
  readonly appUid: string;
  readonly appName: string;
  readonly namespace: string;
}

interface BoundPod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** UID of the StatefulSet that controls it, empty for any other pod. */
  readonly statefulSetUid: string;
  readonly row: number;
  readonly amount: Amount;
  /** Whose member it is charged to now; undefined: to nobody but the node. */
  member: MemberId | undefined;
}

/** Bound, not finished pods: each charged to its node, a member's together with its slot. */
export class BoundPods {
  readonly #nodes: NodeTable;
  readonly #members: MemberCharges;
  readonly #pods = new Map<string, BoundPod>();
  readonly #workloads = new Map<string, Workload>();
  readonly #ofWorkload = new Map<string, Set<BoundPod>>();
  readonly #claimedBy = new Map<string, Set<HeldSlot>>();

  constructor(nodes: NodeTable, members: MemberCharges) {
    this.#nodes = nodes;
    this.#members = members;
  }

  get count(): number {
    return this.#pods.size;
  }

  set(facts: PodFacts): void {
    this.delete(facts.uid);
    const pod: BoundPod = {
      uid: facts.uid,
      namespace: facts.namespace,
      name: facts.name,
      statefulSetUid: statefulSetOf(facts.owner),
      row: this.#nodes.retain(facts.nodeName),
      amount: this.#nodes.columns.amount(facts.requests),
      member: undefined,
    };
    this.#pods.set(pod.uid, pod);
    if (pod.statefulSetUid !== '') {
      const siblings = this.#ofWorkload.get(pod.statefulSetUid) ?? new Set<BoundPod>();
      this.#ofWorkload.set(pod.statefulSetUid, siblings.add(pod));
    }
    this.#charge(pod);
  }

  delete(uid: string): void {
    const pod = this.#pods.get(uid);
    if (pod === undefined) return;
    this.#discharge(pod);
    this.#pods.delete(uid);
    const siblings = this.#ofWorkload.get(pod.statefulSetUid);
    siblings?.delete(pod);
    if (siblings?.size === 0) this.#ofWorkload.delete(pod.statefulSetUid);
    this.#nodes.release(pod.row);
  }

  setWorkload(statefulSetUid: string, workload: Workload | undefined): void {
    if (workload === undefined) this.#workloads.delete(statefulSetUid);
    else this.#workloads.set(statefulSetUid, workload);
    for (const pod of this.#ofWorkload.get(statefulSetUid) ?? []) this.#rethink(pod);
  }

  /** The allocator recorded that this pod claimed the slot. That is proof of whose it is when its owners are gone for a moment. */
  addClaim(slot: HeldSlot): void {
    this.#editClaim(slot, (slots) => slots.add(slot));
  }

  removeClaim(slot: HeldSlot): void {
    this.#editClaim(slot, (slots) => slots.delete(slot));
  }

  /** Whose member the pod is by its ownerReferences: StatefulSet → app, in the app's namespace and by the name of a member. */
  memberOf(pod: Pick<PodFacts, 'owner' | 'namespace' | 'name'>): MemberId | undefined {
    return this.#byOwner(statefulSetOf(pod.owner), pod.namespace, pod.name);
  }

  #byOwner(statefulSetUid: string, namespace: string, name: string): MemberId | undefined {
    const workload = this.#workloads.get(statefulSetUid);
    if (workload === undefined || workload.namespace !== namespace) return undefined;
    return ordinalOf(workload.appName, name) === undefined ? undefined : { appUid: workload.appUid, member: name };
  }

  #byClaim(pod: BoundPod): MemberId | undefined {
    const slots = [...(this.#claimedBy.get(pod.uid) ?? [])];
    const [id] = slots
      .filter((slot) => slot.namespace === pod.namespace && slot.slot.member === pod.name)
      .map((slot) => ({ appUid: slot.appUid, member: slot.slot.member }))
      .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    return id;
  }

  #editClaim(slot: HeldSlot, edit: (slots: Set<HeldSlot>) => unknown): void {
    const uid = slot.slot.podUID;
    if (uid === '') return;
    const slots = this.#claimedBy.get(uid) ?? new Set<HeldSlot>();
    this.#claimedBy.set(uid, slots);
    edit(slots);
    if (slots.size === 0) this.#claimedBy.delete(uid);
    const pod = this.#pods.get(uid);
    if (pod !== undefined) this.#rethink(pod);
  }

  #rethink(pod: BoundPod): void {
    this.#discharge(pod);
    this.#charge(pod);
  }

  #charge(pod: BoundPod): void {
    pod.member = this.#byOwner(pod.statefulSetUid, pod.namespace, pod.name) ?? this.#byClaim(pod);
    if (pod.member === undefined) this.#nodes.charge(pod.row, pod.amount, 1);
    else this.#members.addPod(pod.member, pod);
  }

  #discharge(pod: BoundPod): void {
    if (pod.member === undefined) this.#nodes.charge(pod.row, pod.amount, -1);
    else this.#members.removePod(pod.member, pod.uid);
  }
}

function statefulSetOf(owner: OwnerRef | undefined): string {
  return owner?.kind === 'StatefulSet' ? owner.uid : '';
}
