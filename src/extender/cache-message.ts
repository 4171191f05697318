import type { EnforcedSlot, NodeRoom, WaitingApp, Workload } from '../core/admission/admission-world.ts';
import type { StandIn } from '../core/admission/stand-in.ts';
import type { VictimFacts } from '../core/admission/preempt.ts';

/** Pairs of key and what is there now; undefined: nothing any more. */
export type Changes<T> = readonly (readonly [key: string, now: T | undefined])[];

/** What changed since the last one. Lists are short: a big change arrives in several messages. */
export interface WorldChange {
  /** By node name. */
  readonly rooms: Changes<NodeRoom>;
  /** By member key. */
  readonly slots: Changes<EnforcedSlot>;
  /** By member key. */
  readonly standIns: Changes<StandIn>;
  /** By StatefulSet UID. */
  readonly workloads: Changes<Workload>;
  /** By PersistentApp UID. */
  readonly apps: Changes<WaitingApp>;
  /** UIDs of pods that are bound, deleted or finished. */
  readonly settledPods: readonly string[];
  /** Pods that kube-scheduler shows as binding to a node, by UID; undefined: it does not any more. */
  readonly bindingPods: Changes<string>;
}

/** A pod to wake. */
export interface SleepingPod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
}

/** How the cache worker is, every second. */
export interface Pulse {
  /** Age of the last word from the API server on the quietest watch. */
  readonly staleSeconds: number;
  /** Nodes that have slots that lost to others now; and how often a node became one. */
  readonly overbookedNodes: number;
  readonly overbookings: number;
  readonly operatorAway: boolean;
}

/** From the cache worker to the thread that answers requests. */
export type CacheMessage =
  | { readonly kind: 'change'; readonly change: WorldChange }
  /** What is still being listed, by plural name, until `synced`. */
  | { readonly kind: 'syncing'; readonly awaited: readonly string[] }
  /** All that was listed has been published. Sent once. */
  | { readonly kind: 'synced' }
  | ({ readonly kind: 'pulse' } & Pulse)
  | { readonly kind: 'victims'; readonly question: number; readonly victims: ReadonlyMap<string, VictimFacts> };

/** From the thread that answers requests to the cache worker. */
export type CacheRequest =
  | { readonly kind: 'wake'; readonly pods: readonly SleepingPod[] }
  | { readonly kind: 'victims'; readonly question: number; readonly podUids: readonly string[] };
