import type { AttachmentFacts, CsiNodeFacts, VolumeFacts } from '../facts/storage-facts.ts';
import { Attachments } from './attachments.ts';
import type { StorageChanges } from './storage-changes.ts';
import type { StorageFactsIndex } from './storage-facts-index.ts';

/** What nodes attach and may attach, event by event. */
export class NodeVolumes {
  readonly attachments: Attachments;
  readonly #changes: StorageChanges;

  constructor(facts: StorageFactsIndex, changes: StorageChanges) {
    this.#changes = changes;
    this.attachments = new Attachments(
      (key, storageClassName) => facts.driverOf(key, storageClassName),
      (volumeName) => facts.claimOfVolume(volumeName),
    );
  }

  setCsiNode(facts: CsiNodeFacts): void {
    this.attachments.setCsiNode(facts);
    this.#changed([facts.name]);
  }

  deleteCsiNode(name: string): void {
    if (this.attachments.deleteCsiNode(name)) this.#changed([name]);
  }

  setAttachment(facts: AttachmentFacts): void {
    this.#changed(this.attachments.setAttachment(facts));
  }

  deleteAttachment(name: string): void {
    const node = this.attachments.deleteAttachment(name);
    if (node !== undefined) this.#changed([node]);
  }

  /** A pod or a slot on the node uses the claim, see Attachments.use. */
  use(node: string, key: string, storageClassName: string): void {
    this.attachments.use(node, key, storageClassName);
    this.#changed([node]);
  }

  unuse(node: string, key: string, storageClassName: string): void {
    this.attachments.unuse(node, key, storageClassName);
    this.#changed([node]);
  }

  claimChanged(key: string): void {
    this.#changed(this.attachments.claimChanged(key));
  }

  /** What is attached by its name may have got another claim. */
  volumeChanged({ name }: VolumeFacts): void {
    this.#changed(this.attachments.volumeChanged(name));
  }

  #changed(nodes: Iterable<string>): void {
    this.#changes.note();
    for (const node of nodes) this.#changes.touch(node);
  }
}
