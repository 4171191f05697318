import { z } from 'zod';
import type { Immutable } from './immutable.ts';
import { seconds } from './text.ts';

const NodeFailure = z.object({
  policy: z
    .enum(['Automatic', 'Manual', 'Disabled'])
    .default('Automatic')
    .describe(
      'Automatic: move members of a lost node when there is evidence that it can no longer write. Manual: say what to do and wait. Disabled: do nothing. No setting acts without evidence.',
    ),
  suspectAfterSeconds: seconds(1)
    .default(20)
    .describe('A node is suspected when its Lease was not renewed for so long; less than 15 counts as 15.'),
  // The last renewal may have been a moment before the loss, and looking takes a second: recovery begins within 30 s of the loss.
  actAfterSeconds: seconds(1)
    .default(28)
    .describe(
      'Members of a suspected node are moved after so long a silence; less than 25 counts as 25, since a kubelet renews its Lease every 10 s.',
    ),
  maxConcurrent: z.int().min(1).max(1000).default(1).describe('How many members of this app may be moved at once.'),
});

const VolumeLoss = z.object({
  policy: z
    .enum(['Wait', 'Rebuild'])
    .default('Wait')
    .describe(
      'Wait: for the volume to come back. Rebuild: a new, empty volume in a new slot; the old claim is retired and kept.',
    ),
  rebuildAfterSeconds: seconds(1).default(600).describe('For Rebuild: how long to wait first.'),
});

/** What is done when a node or a volume is lost. */
export const Recovery = z.object({
  nodeFailure: NodeFailure.prefault({}).describe('A node that is lost with its members.'),
  localVolumeLoss: VolumeLoss.prefault({}).describe('A node-local volume that is lost with its node.'),
  volumeFailure: VolumeLoss.prefault({}).describe('A volume that is broken while its node is well.'),
});
export type Recovery = Immutable<z.infer<typeof Recovery>>;
