import { z } from 'zod';
import { conditions } from './condition.ts';
import { API_VERSION } from './group.ts';
import type { Immutable } from './immutable.ts';
import { listMap } from './list-map.ts';
import { ObjectMeta } from './object-meta.ts';
import { rules } from './rules.ts';
import { objectName, text, timestamp } from './text.ts';
import { MAX_REPLICAS } from './workload-policy.ts';

export const AppBackupSpec = z
  .object({
    app: objectName().describe('The PersistentApp of this namespace.'),
    member: text(63).min(1).optional().describe('One member, <app>-<ordinal>. Absent: all.'),
    snapshotClassName: objectName()
      .optional()
      .describe(
        "VolumeSnapshotClass. Absent: the one of the app's `backup`, else of the pool, else the driver's default.",
      ),
  })
  .meta(
    rules(
      {
        rule: `!has(self.member) || self.member.startsWith(self.app + '-')`,
        message: 'member is named <app>-<ordinal>, of this app',
        fieldPath: '.member',
      },
      { rule: 'self == oldSelf', message: 'a backup cannot change: make a new AppBackup' },
    ),
  );
export type AppBackupSpec = Immutable<z.infer<typeof AppBackupSpec>>;

const VolumeBackup = z.object({
  claim: text(253).describe('The PersistentVolumeClaim that was copied.'),
  member: text(63).describe('Whose it is.'),
  snapshot: text(253).default('').describe('Name of the VolumeSnapshot; in a group, once there is one.'),
  group: text(253).default('').describe('Name of the VolumeGroupSnapshot that it is part of. Empty: taken for itself.'),
  snapshotClassName: text(253)
    .default('')
    .describe('The VolumeSnapshotClass that it is taken with; in a group, the VolumeGroupSnapshotClass.'),
  readyToUse: z.boolean().default(false).describe('A volume can be made from it.'),
  size: text(32).default('').describe('Least size of a volume made from it.'),
  message: text(1024).default('').describe('Why it is not ready.'),
});

export const AppBackupStatus = z.object({
  observedGeneration: z.int().min(0).default(0).describe('The generation that this status is about.'),
  consistency: z
    .enum(['Group', 'Crash'])
    .optional()
    .describe(
      'Group: all volumes of a member at one moment, each member for itself. Crash: each volume for itself, as after a power cut.',
    ),
  readyToUse: z.boolean().default(false).describe('Every volume is ready.'),
  progress: text(32).default('').describe('Members all of whose volumes are ready, of members: 1/3.'),
  size: text(32).default('').describe('What all volumes have together.'),
  startedAt: timestamp().optional().describe('When it began.'),
  finishedAt: timestamp().optional().describe('When all was ready.'),
  volumes: listMap(VolumeBackup, 'claim', 4 * MAX_REPLICAS)
    .default([])
    .describe('The volumes.'),
  conditions: conditions(),
});
export type AppBackupStatus = Immutable<z.infer<typeof AppBackupStatus>>;

/** Snapshots of an app's volumes, taken once. Deleting it deletes its VolumeSnapshots; deleting the app does not delete it. */
export const AppBackup = z
  .object({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal('AppBackup'),
    metadata: ObjectMeta,
    spec: AppBackupSpec.describe('What is wanted.'),
    status: AppBackupStatus.optional().describe('What is so. Written by Proffer.'),
  })
  .describe("Snapshots of an app's volumes, taken once. Restore and clone refer to it.");
export type AppBackup = Immutable<z.infer<typeof AppBackup>>;
