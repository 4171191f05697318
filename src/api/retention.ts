import { z } from 'zod';
import type { Immutable } from './immutable.ts';

const KEEP = ['Retain', 'Delete', 'SnapshotThenDelete'] as const;

/** What becomes of the volumes of members that are gone. */
export const Retention = z.object({
  whenScaled: z.enum(KEEP).default('Retain').describe('What becomes of volumes when the app is scaled in.'),
  whenDeleted: z.enum(KEEP).default('Retain').describe('What becomes of volumes when the app is deleted.'),
  reuse: z
    .enum(['Refuse', 'Adopt', 'Wipe'])
    .default('Refuse')
    .describe(
      'When a member returns and its old volume is still there. Refuse: wait for a decision, since old data can corrupt. Adopt: use the volume with its data. Wipe: a new volume; the old one is kept aside. An autoscaler needs Adopt or Wipe.',
    ),
});
export type Retention = Immutable<z.infer<typeof Retention>>;
