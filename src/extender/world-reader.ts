import {
  freeShare,
  memberKey,
  type EnforcedSlot,
  type NodeRoom,
  type SlotStanding,
} from '../core/admission/admission-world.ts';
import { overfullSlots } from '../core/allocator/overfull-slots.ts';
import type { HeldSlot } from '../core/facts/held-slot.ts';
import { fits } from '../core/resources/vector.ts';
import type { ClusterView } from '../core/view/cluster-view.ts';
import type { MemberId } from '../core/view/member-charges.ts';
import type { EvictedHolders } from './evicted-holders.ts';
import { isFinished, type WatchedPod } from './watched-pod.ts';
import type { WatchedStores } from './watched-stores.ts';

/** The name of the index of reservations by namespace. */
export const BY_NAMESPACE = 'namespace';

/** What the view and the stores say about one node or one slot, in the words of admission. */
export class WorldReader {
  readonly #view: ClusterView;
  readonly #stores: Pick<WatchedStores, 'pods' | 'reservations'>;
  readonly #evicted: Pick<EvictedHolders, 'isUndecided'>;
  /** Members whose slots lost to better ones, by node. */
  readonly #losers = new Map<string, ReadonlySet<string>>();
  #overbookings = 0;

  constructor(
    view: ClusterView,
    stores: Pick<WatchedStores, 'pods' | 'reservations'>,
    evicted: Pick<EvictedHolders, 'isUndecided'>,
  ) {
    this.#view = view;
    this.#stores = stores;
    this.#evicted = evicted;
  }

  /** How many nodes have slots that lost to others. */
  get overbookedNodes(): number {
    return this.#losers.size;
  }

  /** How often a node became one of them. */
  get overbookings(): number {
    return this.#overbookings;
  }

  /** Decides anew which slots of a node must give way, and answers the members for whom that changed. */
  settleConflicts(node: string): readonly MemberId[] {
    const allocatable = this.#view.node(node)?.allocatable;
    const slots = allocatable === undefined ? [] : this.#view.slotsOn(node);
    const losers = new Set(overfullSlots(slots, allocatable ?? {}).map(keyOf));
    const before = this.#losers.get(node);
    if (losers.size === 0) this.#losers.delete(node);
    else this.#losers.set(node, losers);
    if (losers.size > 0 && before === undefined) this.#overbookings += 1;
    return slots
      .filter((slot) => losers.has(keyOf(slot)) !== (before?.has(keyOf(slot)) ?? false))
      .map(({ appUid, slot }) => ({ appUid, member: slot.member }));
  }

  room(name: string): NodeRoom | undefined {
    const node = this.#view.node(name);
    if (node === undefined) return undefined;
    const { ready, unschedulable, allocatable } = node;
    const free = this.#view.free(name);
    const reserves = this.#view.slotsOn(name).some((slot) => !this.#isFilled(slot));
    return { name, ready, unschedulable, free, freeShare: freeShare(free, allocatable), reserves };
  }

  slot({ appUid, member }: MemberId): EnforcedSlot | undefined {
    const held = this.#view.slotOf(appUid, member);
    if (held === undefined) return undefined;
    const app = { namespace: held.namespace, name: held.appName, uid: appUid };
    const holder = this.#holderOf(held)?.uid ?? '';
    return { app, member, node: held.slot.node, resources: held.resources, standing: this.#standingOf(held), holder };
  }

  /** Where the member is: on the node of its pod, or of its slot. */
  placeOf(held: HeldSlot): string {
    return this.#holderOf(held)?.nodeName ?? held.slot.node;
  }

  /** Whether the member's slot is on a node that is gone, and no pod of it runs elsewhere. */
  isLost(held: HeldSlot): boolean {
    return this.#view.node(this.placeOf(held)) === undefined;
  }

  /** Whether the slot's pod is there and uses all that the slot holds. */
  #isFilled(held: HeldSlot): boolean {
    const pod = this.#holderOf(held);
    return pod?.nodeName === held.slot.node && fits(held.resources, pod.requests).length === 0;
  }

  /** The bound pod that is this member. */
  #holderOf({ namespace, appUid, slot }: HeldSlot): WatchedPod | undefined {
    const pod = this.#stores.pods.get(`${namespace}/${slot.member}`);
    if (pod === undefined || pod.nodeName === '' || isFinished(pod)) return undefined;
    return pod.uid === slot.podUID || this.#view.memberOf(pod)?.appUid === appUid ? pod : undefined;
  }

  #standingOf(held: HeldSlot): SlotStanding {
    const { slot, namespace } = held;
    if (this.#losers.get(slot.node)?.has(keyOf(held)) === true) return 'conflicted';
    if (this.#evicted.isUndecided(held)) return 'undecided';
    switch (slot.state) {
      case 'Proposed':
        return this.#isCommitted(namespace, slot.decision) ? 'honoured' : 'proposed';
      case 'Moving':
        return 'moving';
      case 'Conflicted':
        return 'conflicted';
      default:
        return 'honoured';
    }
  }

  #isCommitted(namespace: string, decision: string): boolean {
    const reservations = this.#stores.reservations.byIndex(BY_NAMESPACE, namespace);
    return reservations.some(({ spec }) => spec.committedDecisions.includes(decision));
  }
}

function keyOf({ appUid, slot }: HeldSlot): string {
  return memberKey(appUid, slot.member);
}
