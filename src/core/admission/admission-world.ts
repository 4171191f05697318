import type { Reason } from '../../api/reasons.ts';
import type { AppRef } from '../allocator/demand.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import type { StandIn } from './stand-in.ts';
import type { Resources } from '../resources/resources.ts';

/** What a decision needs of the pod that kube-scheduler asks about. */
export type AskingPod = Pick<PodFacts, 'uid' | 'namespace' | 'name' | 'owner' | 'labels' | 'requests'>;

/** One member of one app. Its identity outlives its pods. */
export interface Member {
  readonly app: AppRef;
  readonly member: string;
}

/**
 * Whether a slot lets its member in. `proposed`: its gang's decision is not committed. `moving`: recovery or an update is taking it
 * elsewhere. `conflicted`: the node cannot hold it beside slots that win over it. `undecided`: its pod was evicted, and may have been so
 * that others get the room.
 */
export type SlotStanding = 'honoured' | 'proposed' | 'moving' | 'conflicted' | 'undecided';

/** A slot as the extender enforces it. */
export interface EnforcedSlot extends Member {
  readonly node: string;
  readonly resources: Resources;
  readonly standing: SlotStanding;
  /** UID of the live pod that is bound as this member; empty when there is none. */
  readonly holder: string;
}

/** A node's room next to bound pods and slots. */
export interface NodeRoom {
  readonly name: string;
  readonly ready: boolean;
  readonly unschedulable: boolean;
  /** Allocatable less bound pods and less what slots hold beyond them; may be below zero where a node is overbooked. */
  readonly free: Resources;
  /** How much of CPU or memory is free, whichever is scarcer: 0 … 1. */
  readonly freeShare: number;
  /** Whether slots hold anything here that no pod uses yet. Where not, kube-scheduler's own count is exact, and ahead of ours. */
  readonly reserves: boolean;
}

/** A StatefulSet; `appUid` is the PersistentApp that controls it, empty when it is nobody's of ours. */
export interface Workload {
  readonly name: string;
  readonly appUid: string;
}

/** A PersistentApp, and why it still waits for slots, in the words of its status. */
export interface WaitingApp {
  readonly ref: AppRef;
  readonly reason: Reason | undefined;
  readonly message: string;
}

/** All that a decision looks up. Kept in memory by watches; nothing here waits. */
export interface AdmissionWorld {
  room(node: string): NodeRoom | undefined;
  slot(appUid: string, member: string): EnforcedSlot | undefined;
  /** Only while the operator is away, for a member whose slot's node is gone. */
  standIn(appUid: string, member: string): StandIn | undefined;
  workload(statefulSetUid: string): Workload | undefined;
  app(uid: string): WaitingApp | undefined;
}

/** Of CPU and memory, the smaller share that is free, 0 … 1; 0 where the node has none to give. */
export function freeShare(free: Resources, allocatable: Resources): number {
  const shareOf = (resource: string): number =>
    Math.max(0, free[resource] ?? 0) / Math.max(1, allocatable[resource] ?? 0);
  return Math.min(1, shareOf('cpu'), shareOf('memory'));
}

/** Key of a member wherever one is remembered: UIDs hold no slash. */
export function memberKey(appUid: string, member: string): string {
  return `${appUid}/${member}`;
}
