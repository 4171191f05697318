import { z } from 'zod';
import type { Immutable } from './immutable.ts';
import { text, timestamp } from './text.ts';

/**
 * Waiting: no slot yet. Reserved: a slot and no pod. Starting: a pod that never was ready. Ready. NotReady: was or should be
 * ready and is not. Stopping: its pod is being deleted. Lost: its node is gone or silent. Suspended: no pod is wanted.
 */
export const MEMBER_STATES = [
  'Waiting',
  'Reserved',
  'Starting',
  'Ready',
  'NotReady',
  'Stopping',
  'Lost',
  'Suspended',
] as const;

export const VOLUME_STATES = ['Missing', 'Pending', 'Bound', 'Resizing', 'Lost', 'Failed', 'Abnormal'] as const;

export const VolumeStatus = z.object({
  claim: text(253).describe('Name of the PersistentVolumeClaim.'),
  size: text(32).default('').describe('What the volume has, as the claim says; empty before it exists.'),
  state: z.enum(VOLUME_STATES).describe('What state it is in.'),
  message: text(1024).optional().describe('Why, when it is not Bound.'),
  failingSince: timestamp().optional().describe('Since when it cannot be used; absent while it can.'),
});
export type VolumeStatus = Immutable<z.infer<typeof VolumeStatus>>;

/** One member, whatever pod it has at the moment. */
export const MemberStatus = z.object({
  name: text(63).describe('The member: <app>-<ordinal>.'),
  node: text(253).default('').describe('Its node; empty without a slot.'),
  zone: text(253).default('').describe("The node's zone."),
  state: z.enum(MEMBER_STATES).describe('What it is doing.'),
  revision: text(253).default('').describe('Revision of the template that its pod has.'),
  message: text(1024).optional().describe("Why it is not ready, in the cluster's own words."),
  volumes: z.array(VolumeStatus).max(16).default([]).describe('Its volumes.'),
});
export type MemberStatus = Immutable<z.infer<typeof MemberStatus>>;

/** A volume that a member left behind. It is kept until a person deletes it, a returning member may use it, or the app says that it goes. */
export const RetiredClaim = z.object({
  claim: text(253).describe('Name of the PersistentVolumeClaim.'),
  member: text(63).describe('Whose it was.'),
  retiredAt: timestamp().optional().describe('Since when nobody uses it.'),
  size: text(32).default('').describe('What it has.'),
  state: z
    .enum(['Kept', 'Waiting', 'Deleting'])
    .default('Kept')
    .describe('Kept: nobody touches it. Waiting: it goes once what the message names is so. Deleting: it is going.'),
  message: text(1024).optional().describe('Why, when it is not Kept.'),
});
export type RetiredClaim = Immutable<z.infer<typeof RetiredClaim>>;
