import type { Reservation } from '../api/reservation.ts';
import { memberKey, type NodeRoom, type WaitingApp } from '../core/admission/admission-world.ts';
import type { StandIn } from '../core/admission/stand-in.ts';
import type { VictimFacts } from '../core/admission/preempt.ts';
import type { HeldSlot } from '../core/facts/held-slot.ts';
import { ClusterView } from '../core/view/cluster-view.ts';
import type { MemberId } from '../core/view/member-charges.ts';
import type { Changes, WorldChange } from './cache-message.ts';
import { cutChange } from './cut-change.ts';
import { EvictedHolders } from './evicted-holders.ts';
import { isSettled, type WatchedPod } from './watched-pod.ts';
import type { WatchedStores, WatchedWorkload } from './watched-stores.ts';
import { BY_NAMESPACE, WorldReader } from './world-reader.ts';

const BY_APP = 'app';

/** An app that lost nodes. */
export interface LostApp {
  /** The slots there. */
  readonly lost: readonly HeldSlot[];
  /** How many of its members have had a slot together. */
  readonly launched: number;
  /** Where all its members are, by their pods or slots. */
  readonly placed: readonly { readonly member: string; readonly node: string }[];
}

/** Keeps the resource view equal to the stores, and gathers what a change means for admission until it is taken. */
export class WatchedWorld {
  readonly #stores: WatchedStores;
  readonly #view = new ClusterView();
  readonly #evicted = new EvictedHolders();
  readonly #reader: WorldReader;
  readonly #schedulerName: string;
  readonly #onChange: () => void;
  readonly #podKeys = new Map<string, string>();
  /** The generation of the view that was taken last. */
  #taken = 0;
  #goneNodes = new Set<string>();
  #members = new Map<string, MemberId>();
  #workloads = new Map<string, WatchedWorkload | undefined>();
  #apps = new Map<string, WaitingApp | undefined>();
  #settledPods = new Set<string>();
  #bindingPods = new Map<string, string>();
  #standIns: ReadonlyMap<string, StandIn> = new Map();
  #standInChanges = new Map<string, StandIn | undefined>();

  /**
   * @param schedulerName whose pods are told when they are bound, finished or gone: no others were promised anything.
   * @param onChange called when there is something to take.
   */
  constructor(stores: WatchedStores, schedulerName: string, onChange: () => void) {
    this.#stores = stores;
    this.#view.pods.turnOff();
    this.#reader = new WorldReader(this.#view, stores, this.#evicted);
    this.#schedulerName = schedulerName;
    this.#onChange = onChange;
    stores.reservations.index(BY_APP, ({ spec }) => spec.app.uid);
    stores.reservations.index(BY_NAMESPACE, ({ metadata }) => metadata.namespace);
    stores.nodes.onChange((name, next) =>
      this.#noted(() => (next === undefined ? this.#nodeGone(name) : this.#view.setNode(next))),
    );
    stores.pods.onChange((key, next, previous) => this.#noted(() => this.#podChanged(key, next, previous)));
    stores.workloads.onChange((_key, next, previous) => this.#noted(() => this.#workloadChanged(next, previous)));
    stores.apps.onChange((_key, next, previous) => this.#noted(() => this.#appChanged(next, previous)));
    stores.reservations.onChange((key, next, previous) =>
      this.#noted(() => this.#reservationChanged(key, next, previous)),
    );
  }

  /** How many nodes have slots that lost to others. */
  get overbookedNodes(): number {
    return this.#reader.overbookedNodes;
  }

  /** How often a node became one of them. */
  get overbookings(): number {
    return this.#reader.overbookings;
  }

  /** For whoever places members. It must not be changed. */
  get view(): ClusterView {
    return this.#view;
  }

  /** What changed since the last call, in messages of bounded size. */
  takeChanges(): readonly WorldChange[] {
    // First, as it may find that slots of a node conflict.
    const rooms = this.#takeRooms();
    const all: WorldChange = {
      rooms,
      slots: Array.from(this.#members, ([key, id]) => [key, this.#reader.slot(id)] as const),
      standIns: [...this.#standInChanges],
      workloads: Array.from(
        this.#workloads,
        ([uid, found]) => [uid, found && { name: found.name, appUid: found.appUid }] as const,
      ),
      apps: [...this.#apps],
      settledPods: [...this.#settledPods],
      bindingPods: Array.from(this.#bindingPods, ([uid, node]) => [uid, node === '' ? undefined : node] as const),
    };
    this.#members = new Map();
    this.#standInChanges = new Map();
    this.#workloads = new Map();
    this.#apps = new Map();
    this.#settledPods = new Set();
    this.#bindingPods = new Map();
    return cutChange(all);
  }

  /** Facts of pods that may be preempted; those that are gone are left out. */
  victims(podUids: readonly string[]): ReadonlyMap<string, VictimFacts> {
    const victims = new Map<string, VictimFacts>();
    for (const uid of podUids) {
      const pod = this.#stores.pods.get(this.#podKeys.get(uid) ?? '');
      if (pod?.uid === uid)
        victims.set(uid, { requests: pod.requests, isMember: this.#view.memberOf(pod) !== undefined });
    }
    return victims;
  }

  /** Apps with members whose slot's node is gone and that have no pod elsewhere. */
  lostApps(): readonly LostApp[] {
    const apps: LostApp[] = [];
    for (const { spec, metadata } of this.#stores.reservations.list()) {
      const slots = spec.slots.flatMap(({ member }) => this.#view.slotOf(spec.app.uid, member) ?? []);
      const lost = slots.filter((held) => this.#reader.isLost(held));
      if (lost.length === 0) continue;
      const workload = this.#stores.workloads.get(`${metadata.namespace ?? ''}/${spec.app.name}`);
      const launched = workload?.appUid === spec.app.uid ? workload.launched : 0;
      const placed = slots.map((held) => ({ member: held.slot.member, node: this.#reader.placeOf(held) }));
      apps.push({ lost, launched, placed });
    }
    return apps;
  }

  /** Replaces what members may do without the operator, by member key. */
  setStandIns(next: ReadonlyMap<string, StandIn>): void {
    const before = this.#standIns;
    for (const key of before.keys()) if (!next.has(key)) this.#standInChanges.set(key, undefined);
    for (const [key, standIn] of next) {
      if (JSON.stringify(before.get(key)) !== JSON.stringify(standIn)) this.#standInChanges.set(key, standIn);
    }
    this.#standIns = next;
    if (this.#standInChanges.size > 0) this.#onChange();
  }

  /** Tells the time, in seconds on a clock that never jumps; to be called every second or so. */
  passTime(now: number): void {
    for (const id of this.#evicted.passTime(now)) this.#noted(() => this.#mark(id));
  }

  #noted(change: () => void): void {
    change();
    this.#onChange();
  }

  #nodeGone(name: string): void {
    this.#view.deleteNode(name);
    this.#goneNodes.add(name);
  }

  #podChanged(key: string, next: WatchedPod | undefined, previous: WatchedPod | undefined): void {
    const before = previous?.uid === next?.uid ? previous : undefined;
    // One of the same name may have taken its place.
    if (previous !== undefined && before === undefined) this.#podGone(previous);
    if (next === undefined) return;
    this.#view.setPod(next);
    this.#podKeys.set(next.uid, key);
    this.#markPod(next);
    if (!isSettled(next)) this.#noteBinding(next, before);
    else if (before === undefined || !isSettled(before)) this.#noteSettled(next);
  }

  #podGone(pod: WatchedPod): void {
    const id = this.#markPod(pod);
    if (id !== undefined) this.#evicted.podGone(pod, id, this.#view.slotOf(id.appUid, id.member));
    this.#view.deletePod(pod.uid);
    this.#podKeys.delete(pod.uid);
    this.#noteSettled(pod);
  }

  #noteSettled(pod: WatchedPod): void {
    if (pod.schedulerName === this.#schedulerName) this.#settledPods.add(pod.uid);
  }

  #noteBinding(pod: WatchedPod, before: WatchedPod | undefined): void {
    if ((before?.nominatedNode ?? '') !== pod.nominatedNode) this.#bindingPods.set(pod.uid, pod.nominatedNode);
  }

  #workloadChanged(next: WatchedWorkload | undefined, previous: WatchedWorkload | undefined): void {
    if (previous !== undefined && previous.uid !== next?.uid) {
      this.#view.deleteWorkload(previous.uid);
      this.#workloads.set(previous.uid, undefined);
    }
    for (const appUid of new Set([previous?.appUid ?? '', next?.appUid ?? ''])) {
      for (const reservation of this.#stores.reservations.byIndex(BY_APP, appUid)) this.#markSlots(reservation);
    }
    if (next === undefined) return;
    this.#workloads.set(next.uid, next);
    const { uid, namespace, appUid, appName } = next;
    if (appUid === '') this.#view.deleteWorkload(uid);
    else this.#view.setWorkload(uid, { appUid, appName, namespace });
  }

  #appChanged(next: WaitingApp | undefined, previous: WaitingApp | undefined): void {
    if (previous !== undefined) this.#apps.set(previous.ref.uid, undefined);
    if (next !== undefined) this.#apps.set(next.ref.uid, next);
  }

  #reservationChanged(key: string, next: Reservation | undefined, previous: Reservation | undefined): void {
    if (previous !== undefined) this.#markSlots(previous);
    if (next !== undefined) this.#markSlots(next);
    if (next === undefined) this.#view.deleteReservation(key);
    else this.#view.setReservation(next);
    // A decision that is committed here may be about slots of the other apps of its gang.
    if (committed(previous) === committed(next)) return;
    const namespace = (next ?? previous)?.metadata.namespace ?? '';
    for (const reservation of this.#stores.reservations.byIndex(BY_NAMESPACE, namespace)) this.#markSlots(reservation);
  }

  #markSlots({ spec }: Reservation): void {
    for (const { member } of spec.slots) this.#mark({ appUid: spec.app.uid, member });
  }

  #markPod(pod: WatchedPod): MemberId | undefined {
    const id = this.#view.memberOf(pod);
    if (id !== undefined) this.#mark(id);
    return id;
  }

  #mark(id: MemberId): void {
    this.#members.set(memberKey(id.appUid, id.member), id);
  }

  #takeRooms(): Changes<NodeRoom> {
    const changed = this.#view.dirtySince(this.#taken);
    this.#taken = this.#view.generationCount;
    const gone = [...this.#goneNodes].filter((name) => this.#view.node(name) === undefined);
    this.#goneNodes = new Set();
    for (const name of [...gone, ...changed]) for (const id of this.#reader.settleConflicts(name)) this.#mark(id);
    return [...gone, ...changed].map((name) => [name, this.#reader.room(name)] as const);
  }
}

function committed(reservation: Reservation | undefined): string {
  return (reservation?.spec.committedDecisions ?? []).join(' ');
}
