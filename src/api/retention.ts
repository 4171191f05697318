import { z } from 'zod';
import type { Immutable } from './immutable.ts';
import { seconds } from './text.ts';

const KEEP = ['Retain', 'Delete', 'SnapshotThenDelete'] as const;

/** What becomes of the volumes of members that are gone. */
export const Retention = z.object({
  whenScaled: z
    .enum(KEEP)
    .default('Retain')
    .describe(
      'What becomes of volumes when the app is scaled in; it is written on each claim then, and a claim that was left while it said Retain stays. Delete: the claim goes once its pod is gone. SnapshotThenDelete: an AppBackup of the member first.',
    ),
  whenDeleted: z
    .enum(KEEP)
    .default('Retain')
    .describe(
      'What becomes of volumes when the app is deleted. Other than Retain: the app stays, as being deleted, until its pods have stopped and its volumes are seen to.',
    ),
  timeoutSeconds: seconds(60)
    .default(3600)
    .describe(
      'A deleted app whose volumes cannot be seen to for so long goes without them: what is left of them stays.',
    ),
  reuse: z
    .enum(['Refuse', 'Adopt', 'Wipe'])
    .default('Refuse')
    .describe(
      'When a member returns and its old volume is still there. Refuse: wait for a decision, since old data can corrupt. Adopt: use the volume with its data. Wipe: the old claim is deleted, and the member gets a new volume. An autoscaler needs Adopt or Wipe.',
    ),
});
export type Retention = Immutable<z.infer<typeof Retention>>;
