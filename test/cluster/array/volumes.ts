import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CsiError } from './csi-error.ts';
import type { FileSystem } from './file-system.ts';
import type { PoolScope, PoolShare } from './pools.ts';
import { RecordFolder } from './record-folder.ts';

/** What a volume began as. */
export type VolumeSource = { readonly volume: string } | { readonly snapshot: string };

export interface VolumeRecord extends PoolShare {
  readonly id: string;
  readonly name: string;
  readonly claim: string | undefined;
  readonly scope: PoolScope;
  readonly source: VolumeSource | undefined;
  /** Undefined until the first mount makes it. */
  readonly fileSystem: FileSystem | undefined;
  /** Up to which size the file system was grown; below capacityBytes, the next mount grows it. */
  readonly fileSystemBytes: number;
  /** How often it was attached. */
  readonly generations: number;
  /** Whether its image is there in full. */
  readonly ready: boolean;
}

/** What is known of a volume before it is made. */
export type NewVolume = Pick<
  VolumeRecord,
  'name' | 'claim' | 'pool' | 'scope' | 'segment' | 'capacityBytes' | 'source'
>;

/** What a new volume begins with. */
export interface VolumeContent {
  readonly copyTo: (image: string) => Promise<Pick<VolumeRecord, 'fileSystem' | 'fileSystemBytes'>>;
}

/** The volumes: a record and an image file each. */
export class Volumes {
  readonly #records: RecordFolder<VolumeRecord>;
  readonly #images: string;

  constructor(folder: string) {
    this.#records = new RecordFolder(join(folder, 'volumes'));
    this.#images = join(folder, 'images');
    mkdirSync(this.#images, { recursive: true });
  }

  image(id: string): string {
    return join(this.#images, `${id}.img`);
  }

  list(): readonly VolumeRecord[] {
    return this.#records.list();
  }

  find(id: string): VolumeRecord | undefined {
    return this.#records.get(id);
  }

  /** Throws NOT_FOUND. */
  get(id: string): VolumeRecord {
    const record = this.#records.get(id);
    if (record === undefined) throw new CsiError('NOT_FOUND', `the array has no volume ${id}`);
    return record;
  }

  byName(name: string): VolumeRecord | undefined {
    return this.#records.list().find((record) => record.name === name);
  }

  update(id: string, changes: Partial<VolumeRecord>): VolumeRecord {
    const next = { ...this.get(id), ...changes };
    this.#records.put(id, next);
    return next;
  }

  /** Takes the space at once, so that nobody else can; the image follows with makeImage. */
  reserve(volume: NewVolume): VolumeRecord {
    const id = `vol-${randomUUID()}`;
    const record = { ...volume, id, fileSystem: undefined, fileSystemBytes: 0, generations: 0, ready: false };
    this.#records.put(id, record);
    return record;
  }

  /** Makes the image, empty or from the content's copy, if it is not there in full. Idempotent. */
  async makeImage(id: string, content?: VolumeContent): Promise<VolumeRecord> {
    const record = this.get(id);
    if (record.ready) return record;
    const { fileSystem, fileSystemBytes } = (await content?.copyTo(this.image(id))) ?? record;
    await this.#setLength(id, record.capacityBytes);
    return this.update(id, { fileSystem, fileSystemBytes, ready: true });
  }

  /** Idempotent. The image file only grows. */
  async grow(id: string, bytes: number): Promise<void> {
    await this.#setLength(id, bytes);
    this.update(id, { capacityBytes: bytes });
  }

  /** Idempotent. */
  async delete(id: string): Promise<void> {
    if (existsSync(this.image(id))) await rm(this.image(id));
    this.#records.delete(id);
  }

  /** Sparse: no block is written. */
  async #setLength(id: string, bytes: number): Promise<void> {
    const file = await open(this.image(id), 'a');
    try {
      if ((await file.stat()).size < bytes) await file.truncate(bytes);
    } finally {
      await file.close();
    }
  }
}
