import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CsiError } from './csi-error.ts';
import type { FileSystem } from './file-system.ts';
import { RecordFolder } from './record-folder.ts';

export interface SnapshotRecord {
  readonly id: string;
  readonly name: string;
  /** The volume it was taken of, which may be gone. */
  readonly volume: string;
  readonly capacityBytes: number;
  readonly fileSystem: FileSystem | undefined;
  readonly fileSystemBytes: number;
  /** The group that it was taken with: it cannot be deleted alone. */
  readonly group?: string;
  /** RFC 3339 with milliseconds. */
  readonly createdAt: string;
}

/** Snapshots: full copies of an image at one moment. */
export class Snapshots {
  readonly #records: RecordFolder<SnapshotRecord>;
  readonly #images: string;

  constructor(folder: string) {
    this.#records = new RecordFolder(join(folder, 'snapshots'));
    this.#images = join(folder, 'images');
    mkdirSync(this.#images, { recursive: true });
  }

  /** The id follows from the name, so that a copy begun before a kill is the one that is finished after it. */
  idOf(name: string): string {
    return `snap-${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
  }

  image(id: string): string {
    return join(this.#images, `${id}.img`);
  }

  list(): readonly SnapshotRecord[] {
    return [...this.#records.list()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  find(id: string): SnapshotRecord | undefined {
    return this.#records.get(id);
  }

  /** Throws NOT_FOUND. */
  get(id: string): SnapshotRecord {
    const record = this.#records.get(id);
    if (record === undefined) throw new CsiError('NOT_FOUND', `the array has no snapshot ${id}`);
    return record;
  }

  put(record: SnapshotRecord): void {
    this.#records.put(record.id, record);
  }

  /** Idempotent. */
  async delete(id: string): Promise<void> {
    this.#records.delete(id);
    await rm(this.image(id), { force: true });
  }
}
