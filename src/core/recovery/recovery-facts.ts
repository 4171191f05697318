import type { AttachmentFacts } from '../facts/storage-facts.ts';
import type { NodeTrouble } from './node-trouble.ts';

/** What an app's facts say of nodes in trouble and of what ties its volumes to them. */
export interface RecoveryFacts {
  /** By name, of the nodes that pods, slots or attachments of the app name. */
  readonly trouble: ReadonlyMap<string, NodeTrouble>;
  /** Why nothing new may be moved; undefined: nothing stands against it. */
  readonly breakerProblem: string | undefined;
  /** Of the app's PersistentVolumes, those whose completed detach cuts the old writer off. */
  readonly exclusiveVolumes: ReadonlySet<string>;
  /** Of the app's PersistentVolumes, those that can be reached only from a zone whose nodes are all lost, and that zone. Absent: none. */
  readonly lockedVolumes?: ReadonlyMap<string, string>;
  /** Of the app's PersistentVolumes. */
  readonly attachments: readonly AttachmentFacts[];
}
