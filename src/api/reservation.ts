import { z } from 'zod';
import { conditions } from './condition.ts';
import { API_VERSION } from './group.ts';
import type { Immutable } from './immutable.ts';
import { listMap, listSet } from './list-map.ts';
import { ObjectMeta } from './object-meta.ts';
import { rules } from './rules.ts';
import { text, timestamp } from './text.ts';
import { MAX_REPLICAS } from './workload-policy.ts';

/**
 * Proposed: part of a decision over several apps that is not committed. Held: kept for its member. Claimed: its pod is there.
 * Moving: the member gets another slot. Conflicted: another slot took the place; the member is placed anew.
 */
export const SLOT_STATES = ['Proposed', 'Held', 'Claimed', 'Moving', 'Conflicted'] as const;

const SlotVolume = z.object({
  claim: text(253).describe('Name of the PersistentVolumeClaim.'),
  pool: text(253).default('').describe('The StoragePool; empty when the app names a class.'),
  storageClassName: text(253).default('').describe('The StorageClass.'),
  bytes: z.int().min(0).describe('Promised size in bytes.'),
  pinned: z.boolean().default(false).describe('The volume can be reached only where the slot is.'),
});

/** An accepted offer: room for one member on one node. */
export const Slot = z.object({
  member: text(63).describe('Whose slot it is: <app>-<ordinal>.'),
  node: text(253).min(1).describe('The node.'),
  zone: text(253).default('').describe("The node's zone; empty when it has none."),
  resources: z
    .record(z.string().max(317), text(32))
    .meta({ maxProperties: 64 })
    .default({})
    .describe('What is reserved, as Kubernetes quantities.'),
  volumes: z.array(SlotVolume).max(16).default([]).describe('The volumes it was chosen for.'),
  state: z.enum(SLOT_STATES).describe('What it is worth now.'),
  decision: text(128).default('').describe('The decision that made it; several apps of a gang share one.'),
  podUID: text(64).default('').describe('UID of the pod that claimed it; empty before.'),
  epoch: z
    .int()
    .min(0)
    .default(0)
    .describe('Which leader accepted it: transitions of its Lease. The higher one wins a conflict.'),
  acceptedAt: timestamp().describe('When it was accepted.'),
  holdUntil: timestamp().optional().describe('Until when it is kept without a pod. Absent: without limit.'),
});
export type Slot = Immutable<z.infer<typeof Slot>>;

const Summary = z.object({
  slots: z.int().min(0).default(0).describe('How many slots.'),
  claimed: z.int().min(0).default(0).describe('How many have their pod.'),
  nodes: text(512).default('').describe('Their nodes.'),
});

export const ReservationSpec = z.object({
  app: z
    .object({
      name: text(63).min(1).describe('Name of the PersistentApp in this namespace.'),
      uid: text(64).min(1).describe('Its UID: a re-created app of that name has no part in this.'),
    })
    .meta(
      rules({
        rule: 'self == oldSelf',
        message: 'app cannot change: a Reservation belongs to one app for its whole life',
      }),
    )
    .describe('Whose slots these are.'),
  slots: listMap(Slot, 'member', MAX_REPLICAS).default([]).describe('The slots, one per member at most.'),
  committedDecisions: listSet(text(128), 64)
    .default([])
    .describe(
      'On the first app of a gang: decisions over several apps that hold. Proposed slots of other decisions do not.',
    ),
  summary: Summary.prefault({}).describe('What `kubectl get` prints; follows from the slots.'),
});
export type ReservationSpec = Immutable<z.infer<typeof ReservationSpec>>;

export const ReservationStatus = z.object({
  observedGeneration: z.int().min(0).default(0).describe('The generation that this status is about.'),
  conditions: conditions(),
});
export type ReservationStatus = Immutable<z.infer<typeof ReservationStatus>>;

/** The slots of one app. Written by the allocator alone, by compare-and-swap. */
export const Reservation = z
  .object({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal('Reservation'),
    metadata: ObjectMeta,
    spec: ReservationSpec.describe('The slots.'),
    status: ReservationStatus.optional().describe('What is so. Written by Proffer.'),
  })
  .describe(
    'The slots of one app: which member has which node. Proffer writes it; to set capacity aside, give a Framework a guarantee with `lendingLimit` 0.',
  );
export type Reservation = Immutable<z.infer<typeof Reservation>>;

/** The counts that `kubectl get rsv` prints for these slots. */
export function reservationSummary(slots: readonly Slot[]): ReservationSpec['summary'] {
  const nodes = [...new Set(slots.map((slot) => slot.node))].toSorted().join(',');
  return {
    slots: slots.length,
    claimed: slots.filter((slot) => slot.state === 'Claimed').length,
    nodes: nodes.length <= 512 ? nodes : `${nodes.slice(0, 511)}…`,
  };
}
