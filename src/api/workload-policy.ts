import { z } from 'zod';
import type { Immutable } from './immutable.ts';
import { listSet } from './list-map.ts';
import { labelName, objectName, seconds, text } from './text.ts';

/** How many replicas an app can have: its Reservation, one slot each, must fit into one object. */
export const MAX_REPLICAS = 1000;

/** Which members start together. For launch and scale-out, never for recovery. */
export const Gang = z.object({
  apps: listSet(labelName(), 16)
    .default([])
    .describe(
      'Apps of this namespace that start together or not at all; each of them names the same list. Empty: this app alone.',
    ),
  minMembers: z
    .int()
    .min(1)
    .max(MAX_REPLICAS)
    .optional()
    .describe('How many members of this app must find a place at least. Absent: all. 1: one by one.'),
});
export type Gang = Immutable<z.infer<typeof Gang>>;

/** How a lack of room is shown to an autoscaler. */
export const CapacityRequest = z.object({
  mode: z
    .enum(['Pods', 'None'])
    .default('Pods')
    .describe(
      'Pods: members without a place become Unschedulable pods, so that an autoscaler adds nodes. None: they do not.',
    ),
  afterSeconds: seconds().default(15).describe('After how long without room.'),
});
export type CapacityRequest = Immutable<z.infer<typeof CapacityRequest>>;

/** How a changed template reaches running members. */
export const Update = z.object({
  type: z
    .enum(['RollingUpdate', 'OnDelete'])
    .default('RollingUpdate')
    .describe(
      'RollingUpdate: members are restarted in order. OnDelete: nothing is restarted; a pod that you delete gets the new template.',
    ),
  maxUnavailable: z.int().min(1).max(MAX_REPLICAS).default(1).describe('How many members may be down at once.'),
  canary: z.int().min(0).max(MAX_REPLICAS).default(0).describe('Update so many members, then wait for you. 0: all.'),
  minReadySeconds: seconds()
    .default(10)
    .describe('How long a new member must be ready before the next one is restarted.'),
  progressDeadlineSeconds: seconds(1)
    .default(600)
    .describe('How long one member may take before the update counts as failed.'),
  onFailure: z.enum(['Pause']).default('Pause').describe('What a failed update does. Pause: it waits for you.'),
});
export type Update = Immutable<z.infer<typeof Update>>;

/** What others may do to members: drains and evictions. */
export const Availability = z.object({
  podDisruptionBudget: z
    .enum(['Auto', 'None'])
    .default('Auto')
    .describe('Auto: a PodDisruptionBudget for apps of two replicas and more. None: no budget.'),
  minAvailable: z
    .int()
    .min(0)
    .max(MAX_REPLICAS)
    .optional()
    .describe('How many members an eviction must leave. Absent: all but `update.maxUnavailable`.'),
  unhealthyPodEviction: z
    .enum(['AlwaysAllow', 'IfHealthyBudget'])
    .default('AlwaysAllow')
    .describe(
      'AlwaysAllow: a member that is not ready may always be evicted. IfHealthyBudget: only while the others are healthy.',
    ),
});
export type Availability = Immutable<z.infer<typeof Availability>>;

/** Snapshots by the clock. */
export const BackupPlan = z.object({
  schedule: text(128).min(1).describe('When: a cron line of five fields, in UTC, e.g. "0 3 * * *".'),
  keep: z.int().min(1).max(1000).default(7).describe('How many backups are kept.'),
  snapshotClassName: objectName().optional().describe('VolumeSnapshotClass. Absent: the one of the pool.'),
});
export type BackupPlan = Immutable<z.infer<typeof BackupPlan>>;
