import { z } from 'zod';
import { conditions } from './condition.ts';
import { API_VERSION } from './group.ts';
import type { Immutable } from './immutable.ts';
import { LabelSelector } from './label-selector.ts';
import { ObjectMeta } from './object-meta.ts';
import { placementPolicies } from './placement.ts';
import { resourceMap } from './resource-map.ts';
import { keeps, rules } from './rules.ts';
import { objectName, seconds, text } from './text.ts';

export const FrameworkSpec = z
  .object({
    parent: objectName()
      .optional()
      .describe('The Framework above it in the tree. Absent: it is at the top. Cannot change.'),
    weight: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(1)
      .describe('Its share of contended resources, against its siblings.'),
    guarantee: resourceMap()
      .default({})
      .describe('What it always gets when it asks. Of a resource that is not named here nothing is guaranteed.'),
    lendingLimit: resourceMap()
      .default({})
      .describe('What of the guarantee others may borrow while it is idle. Absent: all of it; "0": none of it.'),
    limit: resourceMap().default({}).describe('What it may use at most; a resource that is absent has no limit.'),
    namespaceSelector: LabelSelector.optional().describe('Namespaces whose apps may use it. Absent: all.'),
    policies: placementPolicies().describe('Placement preferences for apps that have none of their own.'),
    starvationSeconds: seconds(1)
      .default(300)
      .describe('After how long without room nodes are set aside for its waiting app.'),
    revocable: z.boolean().default(false).describe('Its apps may be stopped when others need their guarantee back.'),
    scheduler: z
      .enum(['BuiltIn', 'External'])
      .default('BuiltIn')
      .describe(
        'Who accepts offers. BuiltIn: Proffer by the placement policies. External: your own program, over HTTP.',
      ),
  })
  .meta(rules(keeps('parent', 'parent cannot change: make a new Framework under the other parent and move the apps')));
export type FrameworkSpec = Immutable<z.infer<typeof FrameworkSpec>>;

export const FrameworkStatus = z.object({
  observedGeneration: z.int().min(0).default(0).describe('The generation that this status is about.'),
  charged: resourceMap().default({}).describe('What its apps use and have reserved.'),
  share: text(32)
    .default('')
    .describe('Its dominant share: the largest part of any resource of the cluster that it is charged, e.g. 0.250.'),
  fairShare: text(32)
    .default('')
    .describe(
      'The share that its guarantee and weight give it beside the others, no more than what its apps have and ask.',
    ),
  pending: z.int().min(0).default(0).describe('How many of its apps wait for a place.'),
  queuePosition: z
    .int()
    .min(0)
    .default(0)
    .describe('The place of its first waiting app among all that wait, from 1; 0: none waits.'),
  offersSent: z.int().min(0).default(0).describe('Offers that it got.'),
  offersAccepted: z.int().min(0).default(0).describe('Offers that it accepted.'),
  offersDeclined: z.int().min(0).default(0).describe('Offers that it declined.'),
  conditions: conditions(),
});
export type FrameworkStatus = Immutable<z.infer<typeof FrameworkStatus>>;

/** Who receives offers. Mesos's word; nothing to do with kube-scheduler's plugin framework. */
export const Framework = z
  .object({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal('Framework'),
    metadata: ObjectMeta,
    spec: FrameworkSpec.prefault({}).describe('What is wanted.'),
    status: FrameworkStatus.optional().describe('What is so. Written by Proffer.'),
  })
  .describe(
    "Who receives offers: a tenant, a team or a kind of app, in a tree. The word is that of Mesos, and has nothing to do with kube-scheduler's plugin framework.",
  );
export type Framework = Immutable<z.infer<typeof Framework>>;
