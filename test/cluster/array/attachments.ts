import { join } from 'node:path';
import type { AttachmentInfo } from './array-control.ts';
import { CsiError } from './csi-error.ts';
import { RecordFolder } from './record-folder.ts';

/** Which node holds which volume: at most one per volume, kept on disk. */
export class Attachments {
  readonly #records: RecordFolder<AttachmentInfo>;

  constructor(folder: string) {
    this.#records = new RecordFolder(join(folder, 'attachments'));
  }

  list(): readonly AttachmentInfo[] {
    return this.#records.list();
  }

  of(volume: string): AttachmentInfo | undefined {
    return this.#records.get(volume);
  }

  countOn(node: string): number {
    return this.#records.list().filter((attachment) => attachment.node === node).length;
  }

  /** Throws FAILED_PRECONDITION when another node holds it. `generation` is used only for a new attachment. */
  attach(volume: string, node: string, generation: number): AttachmentInfo {
    const held = this.#records.get(volume);
    if (held !== undefined && held.node !== node) {
      throw new CsiError(
        'FAILED_PRECONDITION',
        `volume ${volume} is attached to node ${held.node}; detach it there first`,
      );
    }
    if (held !== undefined) return held;
    const attachment = { volume, node, generation, attachedAt: new Date().toISOString() };
    this.#records.put(volume, attachment);
    return attachment;
  }

  drop(volume: string): void {
    this.#records.delete(volume);
  }

  /** Throws FAILED_PRECONDITION unless the node holds the volume in that very generation. */
  check(volume: string, node: string, generation: number): void {
    const held = this.#records.get(volume);
    if (held?.node === node && held.generation === generation) return;
    const now =
      held === undefined ? 'attached to no node' : `attached to node ${held.node} as generation ${held.generation}`;
    throw new CsiError(
      'FAILED_PRECONDITION',
      `node ${node} wants volume ${volume} as generation ${generation}, but it is ${now}`,
    );
  }
}
