import {
  memberKey,
  type AdmissionWorld,
  type EnforcedSlot,
  type NodeRoom,
  type WaitingApp,
  type Workload,
} from '../core/admission/admission-world.ts';
import type { StandIn } from '../core/admission/stand-in.ts';
import type { Changes, WorldChange } from './cache-message.ts';
import { RoomIndex } from './room-index.ts';

/** What the cache worker published, for look-ups while a request waits. */
export class ReadModel implements AdmissionWorld {
  /** For requests, which carry names by the thousand. */
  readonly rooms = new RoomIndex();
  readonly #slots = new Map<string, EnforcedSlot>();
  readonly #standIns = new Map<string, StandIn>();
  readonly #workloads = new Map<string, Workload>();
  readonly #apps = new Map<string, WaitingApp>();
  #released = 0;

  apply(change: WorldChange): void {
    this.#released += change.slots.filter(([key, slot]) => this.#releases(this.#slots.get(key), slot)).length;
    put(this.rooms, change.rooms);
    put(this.#slots, change.slots);
    put(this.#standIns, change.standIns);
    put(this.#workloads, change.workloads);
    put(this.#apps, change.apps);
  }

  /** How many slots ended or moved so far: when it grows, room that was held is free for others. */
  get releasedSlots(): number {
    return this.#released;
  }

  get slotCount(): number {
    return this.#slots.size;
  }

  get standInCount(): number {
    return this.#standIns.size;
  }

  get nodeCount(): number {
    return this.rooms.size;
  }

  room(node: string): NodeRoom | undefined {
    return this.rooms.get(node);
  }

  slot(appUid: string, member: string): EnforcedSlot | undefined {
    return this.#slots.get(memberKey(appUid, member));
  }

  standIn(appUid: string, member: string): StandIn | undefined {
    return this.#standIns.get(memberKey(appUid, member));
  }

  workload(statefulSetUid: string): Workload | undefined {
    return this.#workloads.get(statefulSetUid);
  }

  app(uid: string): WaitingApp | undefined {
    return this.#apps.get(uid);
  }

  #releases(before: EnforcedSlot | undefined, now: EnforcedSlot | undefined): boolean {
    return before !== undefined && before.node !== now?.node;
  }
}

interface Keyed<T> {
  set(key: string, value: T): unknown;
  delete(key: string): unknown;
}

function put<T>(map: Keyed<T>, changes: Changes<T>): void {
  for (const [key, value] of changes) {
    if (value === undefined) map.delete(key);
    else map.set(key, value);
  }
}
