import { z } from 'zod';
import { conditions } from './condition.ts';
import { API_VERSION } from './group.ts';
import type { Immutable } from './immutable.ts';
import { listMap } from './list-map.ts';
import { MemberStatus, RetiredClaim } from './member-status.ts';
import { ObjectMeta } from './object-meta.ts';
import { Placement } from './placement.ts';
import { PodTemplate } from './pod-template.ts';
import { Recovery } from './recovery.ts';
import { Retention } from './retention.ts';
import { keeps, rules } from './rules.ts';
import { labelName, objectName, text, timestamp } from './text.ts';
import { VolumeClaim } from './volume-claim.ts';
import { Availability, BackupPlan, CapacityRequest, Gang, MAX_REPLICAS, Update } from './workload-policy.ts';

export const PersistentAppSpec = z
  .object({
    framework: objectName()
      .default('default')
      .describe('The Framework that offers go to: a leaf that allows this namespace.'),
    replicas: z.int().min(0).max(MAX_REPLICAS).default(1).describe('How many members.'),
    template: PodTemplate.describe('The pod of a member, as in a StatefulSet.'),
    volumeClaims: listMap(VolumeClaim, 'name', 16).default([]).describe('Volumes that every member gets for its own.'),
    retention: Retention.prefault({}).describe('What becomes of volumes whose member is gone.'),
    placement: Placement.prefault({}).describe('Where members go.'),
    gang: Gang.prefault({}).describe('Which members start together.'),
    capacityRequest: CapacityRequest.prefault({}).describe('What is done when nothing fits.'),
    update: Update.prefault({}).describe('How a changed template reaches running members.'),
    availability: Availability.prefault({}).describe('What drains and evictions may do.'),
    recovery: Recovery.prefault({}).describe('What is done when a node or volume is lost.'),
    backup: BackupPlan.optional().describe('Snapshots by the clock. Absent: none.'),
    deletionProtection: z.boolean().default(false).describe('Refuse to delete this app.'),
    suspend: z
      .boolean()
      .default(false)
      .describe(
        'Run no pods. Volumes stay, and so do slots on node-local volumes; the rest of a slot is free after `placement.holdSeconds`.',
      ),
    paused: z.boolean().default(false).describe('Change nothing: Proffer leaves the app as it is.'),
    serviceName: labelName()
      .optional()
      .describe(
        'A Service of yours that names members in DNS (<member>.<serviceName>). Absent: one of the name of the app, which Proffer makes.',
      ),
  })
  .meta(
    rules(
      keeps(
        'serviceName',
        'serviceName cannot change: it is part of the names by which members know each other; make another app',
      ),
    ),
  );
export type PersistentAppSpec = Immutable<z.infer<typeof PersistentAppSpec>>;

const Operation = z.object({
  type: text(63).describe('What is being done, e.g. Update, ScaleOut, Restart.'),
  progress: text(64).default('').describe('How far it is, e.g. 1/3.'),
  blockedBy: text(128).default('').describe('Which check holds it back; empty when none does.'),
  message: text(1024).default('').describe('What happens next, or why nothing does.'),
});

const DeclinedNode = z.object({
  node: text(253).describe('Which node.'),
  reason: text(63).describe('Why it was refused.'),
  message: text(256).default('').describe('The same with numbers.'),
  times: z.int().min(1).describe('How often, up to `last`.'),
  since: timestamp().describe('When that was so first.'),
  last: timestamp().describe(
    'When it was so last, as of when the answer changed: it is not written again while the answer stays.',
  ),
});

/** Nodes that status names as declined. */
export const DECLINED_NODES = 32;

const Offers = z.object({
  pendingSince: timestamp().optional().describe('Since when members wait for a place.'),
  attempts: z.int().min(0).default(0).describe('How often the answer changed since then.'),
  rejected: z
    .record(z.string().max(63), z.int().min(0))
    .meta({ maxProperties: 64 })
    .default({})
    .describe('By reason: how many nodes refused the first member that has no place.'),
  declined: z
    .array(DeclinedNode)
    .max(DECLINED_NODES)
    .optional()
    .describe('By node and reason: how often it was refused since members wait. The nearest nodes first.'),
  declinedMore: z.int().min(0).optional().describe('How many more nodes were refused than `declined` names.'),
});

const LastRecovery = z.object({
  member: text(63).describe('Which member.'),
  cause: text(256).default('').describe('What was lost.'),
  evidence: text(256).default('').describe('What proved that the old writer was gone.'),
  detectedAt: timestamp().optional().describe('When the loss was noticed.'),
  fencedAt: timestamp().optional().describe('When the old writer was cut off.'),
  boundAt: timestamp().optional().describe('When the member had its new node.'),
  readyAt: timestamp().optional().describe('When it was ready there.'),
});

const LastDrain = z.object({
  member: text(63).describe('Which member.'),
  from: text(253).describe('The node that was to be emptied.'),
  to: text(253).default('').describe('Where it went.'),
  why: text(256).default('').describe('Why the node was to be emptied.'),
  begunAt: timestamp().describe('When its pod was told to go; its place elsewhere was kept before.'),
  readyAt: timestamp().optional().describe('When it was ready there.'),
  moves: z.int().min(0).default(0).describe('How many such moves of this app were measured.'),
  seconds: z.int().min(0).default(0).describe('How long one took on average.'),
});

/** Written before a StatefulSet is removed and made anew around its running pods, and removed when the new one has taken them up. */
const Replacement = z.object({
  uid: text(64).describe('UID of the StatefulSet that is replaced.'),
  why: text(512).default('').describe('What cannot be changed in place.'),
  statefulSet: text(524_288).describe('The StatefulSet that takes its place, as JSON.'),
});

const BackupStatus = z.object({
  schedule: text(128).describe('The schedule that the rest is about.'),
  since: timestamp().describe('When it was first seen: runs before that were not missed.'),
  lastScheduledAt: timestamp().optional().describe('The last run that became an AppBackup, when it was due.'),
  lastReady: text(253).default('').describe('The newest scheduled AppBackup that volumes can be made from.'),
  kept: z.int().min(0).default(0).describe('How many scheduled backups there are that have ended.'),
});

/** What `kubectl get` prints: values that no JSONPath can make of the rest. */
const Summary = z.object({
  ready: text(32).default('').describe('Ready of wanted members: 3/3.'),
  status: text(32)
    .default('')
    .describe('One word: Running, Waiting, Updating, Degraded, Suspended, Paused, Stalled, Deleting.'),
  reason: text(128).default('').describe('Reason of the condition that explains the status; empty when all is well.'),
  zones: text(256).default('').describe('Zones of the members.'),
  storage: text(32).default('').describe('What all volumes have together.'),
  lastRecovery: text(64).default('').describe('The last recovery: member and seconds.'),
});

export const PersistentAppStatus = z.object({
  observedGeneration: z.int().min(0).default(0).describe('The generation that this status is about.'),
  replicas: z.int().min(0).default(0).describe('How many members have a pod.'),
  readyReplicas: z.int().min(0).default(0).describe('How many of them are ready.'),
  updatedReplicas: z.int().min(0).default(0).describe('How many of them have the current template.'),
  selector: text(1024).default('').describe('Label selector of the members, for the scale subresource.'),
  summary: Summary.prefault({}).describe('What `kubectl get` prints.'),
  members: listMap(MemberStatus, 'name', MAX_REPLICAS).default([]).describe('The members, by ordinal.'),
  operations: z.array(Operation).max(32).default([]).describe('What is going on, and what holds it back.'),
  offers: Offers.prefault({}).describe('Members that wait for a place, and why.'),
  lastRecovery: LastRecovery.optional().describe('The last recovery of a member.'),
  lastDrain: LastDrain.optional().describe('The last member that left a node which was to be emptied.'),
  replacement: Replacement.optional().describe('The StatefulSet is being replaced; its pods keep running.'),
  adopted: text(64).optional().describe('UID of the StatefulSet that this app was made of.'),
  backup: BackupStatus.optional().describe('Backups by the clock. Absent: no schedule.'),
  retiredClaims: listMap(RetiredClaim, 'claim', 4 * MAX_REPLICAS)
    .default([])
    .describe('Volumes that members left behind.'),
  conditions: conditions(),
});
export type PersistentAppStatus = Immutable<z.infer<typeof PersistentAppStatus>>;

/** A stateful app of one role: deliberately shaped like a StatefulSet. */
export const PersistentApp = z
  .object({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal('PersistentApp'),
    metadata: ObjectMeta,
    spec: PersistentAppSpec.describe('What is wanted.'),
    status: PersistentAppStatus.optional().describe('What is so. Written by Proffer.'),
  })
  .meta(
    rules(
      {
        rule: 'size(self.metadata.name) <= 52',
        message:
          'metadata.name may have 52 characters at most, since a StatefulSet adds eleven for its revision label: choose a shorter name',
        fieldPath: '.metadata.name',
      },
      {
        rule: `self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')`,
        message:
          'metadata.name becomes the name of a Service: begin with a lower-case letter, and use only lower-case letters, digits and -',
      },
      {
        rule: 'size(self.spec.gang.apps) == 0 || self.metadata.name in self.spec.gang.apps',
        message: 'spec.gang.apps must name this app too: every app of a gang names the same list',
        fieldPath: '.spec.gang.apps',
      },
    ),
  )
  .describe('A stateful app: its members, their volumes, where they go, how they are updated and recovered.');
export type PersistentApp = Immutable<z.infer<typeof PersistentApp>>;
