import { z } from 'zod';
import type { Immutable } from './immutable.ts';
import { listMap } from './list-map.ts';
import { text, timestamp } from './text.ts';

/**
 * The conditions that objects of ours carry. Reconciling, Stalled, Degraded, ForeignObjects, FencingRequired and VolumesAtRisk are abnormal when True (kstatus reads the
 * first two).
 */
export const CONDITION_TYPES = [
  'Ready',
  'Reserved',
  'Reconciling',
  'Stalled',
  'Degraded',
  'Progressing',
  'VolumesHealthy',
  'Suspended',
  'Supported',
  'ForeignObjects',
  'FencingRequired',
  'SnapshotsReady',
  'BackedUp',
  'VolumesAtRisk',
] as const;

export type ConditionType = (typeof CONDITION_TYPES)[number];

/** One aspect of an object's state, in the shape of metav1.Condition. */
export const Condition = z.object({
  type: text(316).describe('Which aspect, in CamelCase.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
  observedGeneration: z.int().min(0).default(0).describe('The generation of the object that this was said about.'),
  lastTransitionTime: timestamp().describe('When `status` last changed.'),
  reason: text(1024).min(1).describe('One word in CamelCase for programs.'),
  message: text(32_768).default('').describe('What is so and what to do, for people.'),
});
export type Condition = Immutable<z.infer<typeof Condition>>;

/** `status.conditions` of every kind. */
export function conditions() {
  return listMap(Condition, 'type', 32)
    .default([])
    .describe('What is so, by aspect. Never about an older generation than they say.');
}
