import { z } from 'zod';
import { conditions } from './condition.ts';
import { API_VERSION } from './group.ts';
import type { Immutable } from './immutable.ts';
import { listMap, listSet } from './list-map.ts';
import { ObjectMeta } from './object-meta.ts';
import { keeps, rules } from './rules.ts';
import { objectName, seconds, text, timestamp } from './text.ts';
import { MAX_REPLICAS } from './workload-policy.ts';

export const OPERATION_TYPES = [
  'Restart',
  'Move',
  'Rebuild',
  'Snapshot',
  'Restore',
  'MigrateStorage',
  'Park',
  'Resume',
] as const;

const FIXED = 'cannot change: make a new AppOperation, and set cancel on this one if it is still running';

export const AppOperationSpec = z
  .object({
    type: z
      .enum(OPERATION_TYPES)
      .describe(
        'Restart: pods one by one. Move: members to other nodes. Rebuild: members with new, empty volumes. Snapshot: an AppBackup now. Restore: volumes from an AppBackup. MigrateStorage: data into another pool. Park: no pods, volumes kept. Resume: the end of Park.',
      ),
    app: objectName().describe('The PersistentApp of this namespace.'),
    members: listSet(text(63).min(1), MAX_REPLICAS).default([]).describe('The members, <app>-<ordinal>. Empty: all.'),
    targetNode: objectName().optional().describe('For Move: the node. Absent: wherever there is room.'),
    targetPool: objectName().optional().describe('For MigrateStorage: the StoragePool that the data goes to.'),
    backup: objectName().optional().describe('For Restore: the AppBackup that the volumes come from.'),
    timeoutSeconds: seconds(1).optional().describe('Fail after so long. Absent: never.'),
    ttlSecondsAfterFinished: seconds().default(86_400).describe('Remove this object so long after it finished.'),
    cancel: z.boolean().default(false).describe('Stop after the step that is running, and undo what can be undone.'),
    paused: z.boolean().default(false).describe('Wait after the step that is running.'),
  })
  .meta(
    rules(
      {
        rule: `!(self.type in ['Move', 'Rebuild']) || size(self.members) > 0`,
        message: 'Move and Rebuild need members: name those that are meant',
        messageExpression: `self.type + ' needs members: name those that are meant, such as ' + self.app + '-0'`,
        fieldPath: '.members',
      },
      {
        rule: `!has(self.targetNode) || (self.type == 'Move' && size(self.members) == 1)`,
        message: 'targetNode belongs to a Move of one member: remove it, or move the members one by one',
        fieldPath: '.targetNode',
      },
      {
        rule: `has(self.targetPool) == (self.type == 'MigrateStorage')`,
        message: 'MigrateStorage needs targetPool, and no other type has one',
        fieldPath: '.targetPool',
      },
      {
        rule: `has(self.backup) == (self.type == 'Restore')`,
        message: 'Restore needs backup, the name of an AppBackup, and no other type has one',
        fieldPath: '.backup',
      },
      {
        rule: `!(self.type in ['Park', 'Resume']) || size(self.members) == 0`,
        message: 'Park and Resume are for the whole app: remove members',
        fieldPath: '.members',
      },
      {
        rule: `self.members.all(member, member.startsWith(self.app + '-'))`,
        message: 'members are named <app>-<ordinal>, of this app',
        fieldPath: '.members',
      },
      ...['type', 'app', 'members', 'targetNode', 'targetPool', 'backup'].map((field) =>
        keeps(field, `${field} ${FIXED}`),
      ),
    ),
  );
export type AppOperationSpec = Immutable<z.infer<typeof AppOperationSpec>>;

const STEP_STATES = ['Pending', 'Running', 'Complete', 'Failed'] as const;

const StepObject = z.object({
  kind: text(63).describe('Its kind.'),
  name: text(253).describe('Its name.'),
  uid: text(64).default('').describe('Its UID: another object of that name is not meant.'),
});
export type StepObject = Immutable<z.infer<typeof StepObject>>;

const Step = z.object({
  name: text(128).describe('What is done, e.g. "move es-1".'),
  member: text(63).default('').describe('The member that it is done to; empty: the whole app.'),
  state: z.enum(STEP_STATES).describe('How far it is.'),
  message: text(1024).default('').describe('What is so, or what failed.'),
  objects: z.array(StepObject).max(40).default([]).describe('What the step found when it began, and is done to.'),
  startedAt: timestamp().optional().describe('When it began.'),
  finishedAt: timestamp().optional().describe('When it ended.'),
});

export type OperationStep = Immutable<z.infer<typeof Step>>;

const Phase = z.object({
  name: text(63).describe('The phase.'),
  state: z.enum(STEP_STATES).describe('How far it is.'),
  steps: listMap(Step, 'name', MAX_REPLICAS).default([]).describe('Its steps, in order.'),
});

export type OperationPhase = Immutable<z.infer<typeof Phase>>;

export const AppOperationStatus = z.object({
  observedGeneration: z.int().min(0).default(0).describe('The generation that this status is about.'),
  state: z
    .enum([...STEP_STATES, 'Cancelled'])
    .default('Pending')
    .describe('How far the operation is.'),
  progress: text(64).default('').describe('Steps done of steps, e.g. 4/9.'),
  blockedBy: text(253)
    .default('')
    .describe('Which check, or which other AppOperation, holds it back; empty when none does.'),
  message: text(1024).default('').describe('What is so, or what failed.'),
  startedAt: timestamp().optional().describe('When it began.'),
  finishedAt: timestamp().optional().describe('When it ended.'),
  phases: listMap(Phase, 'name', 16).default([]).describe('The plan, in order.'),
  conditions: conditions(),
});
export type AppOperationStatus = Immutable<z.infer<typeof AppOperationStatus>>;

/** One thing to be done to an app, once. */
export const AppOperation = z
  .object({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal('AppOperation'),
    metadata: ObjectMeta,
    spec: AppOperationSpec.describe('What is wanted.'),
    status: AppOperationStatus.optional().describe('What is so. Written by Proffer.'),
  })
  .describe('One thing to be done to an app, once; its status is the plan and how far it is.');
export type AppOperation = Immutable<z.infer<typeof AppOperation>>;
