import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Pack, pack } from 'tar-stream';

/** One file, folder or symbolic link of an image. Paths without a leading slash. */
export type LayerEntry =
  | { readonly kind: 'folder'; readonly path: string; readonly mode?: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'file'; readonly path: string; readonly source: string; readonly mode?: number }
  | { readonly kind: 'text'; readonly path: string; readonly text: string };

/** A tar file that is one layer of an image, not compressed: its digest is its diff id, too. */
export interface Layer {
  readonly path: string;
  readonly digest: string;
  readonly size: number;
}

/** Everything but what the entries say is the same each time, so that the same content has the same digest. */
const SAME_TIME = new Date(0);

/** Writes the entries, in their order, as a layer. */
export async function writeLayer(path: string, entries: readonly LayerEntry[]): Promise<Layer> {
  const archive = pack();
  const hash = createHash('sha256');
  let size = 0;
  const digester = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      size += chunk.length;
      done(null, chunk);
    },
  });
  const written = pipeline(archive, digester, createWriteStream(path));
  for (const entry of entries) await addEntry(archive, entry);
  archive.finalize();
  await written;
  return { path, digest: `sha256:${hash.digest('hex')}`, size };
}

/** An existing tar file as a layer. */
export async function layerOf(path: string): Promise<Layer> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk as Buffer);
    size += (chunk as Buffer).length;
  }
  return { path, digest: `sha256:${hash.digest('hex')}`, size };
}

async function addEntry(archive: Pack, entry: LayerEntry): Promise<void> {
  switch (entry.kind) {
    case 'folder':
      await add(archive, { name: entry.path, type: 'directory', mode: entry.mode ?? 0o755, mtime: SAME_TIME });
      break;
    case 'link':
      await add(archive, { name: entry.path, type: 'symlink', linkname: entry.target, mtime: SAME_TIME });
      break;
    case 'text':
      await add(archive, { name: entry.path, mode: 0o644, mtime: SAME_TIME }, Buffer.from(entry.text));
      break;
    case 'file':
      await addFile(archive, entry.path, entry.source, entry.mode);
      break;
  }
}

type Header = Parameters<Pack['entry']>[0];

function add(archive: Pack, header: Header, content = Buffer.alloc(0)): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry(header, content, (error) => (error ? reject(error) : resolve()));
  });
}

/** Small files in one piece, programs of a hundred megabytes as a stream. */
async function addFile(archive: Pack, name: string, source: string, mode?: number): Promise<void> {
  const { size, mode: own } = lstatSync(source);
  const header = { name, size, mode: mode ?? ((own & 0o111) === 0 ? 0o644 : 0o755), mtime: SAME_TIME };
  if (size < 1_000_000) {
    await add(archive, header, readFileSync(source));
    return;
  }
  const done = Promise.withResolvers<void>();
  const entry = archive.entry(header, (error) => (error ? done.reject(error) : done.resolve()));
  await pipeline(createReadStream(source), entry);
  await done.promise;
}

/** All below the folder, as it is there, sorted, under another path. `keep` decides by the path within the folder. */
export function entriesOf(
  folder: string,
  target: string,
  keep: (path: string) => boolean = () => true,
): readonly LayerEntry[] {
  const found = readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const visit = (within: string, entries: typeof found): readonly LayerEntry[] =>
    entries.flatMap((entry): readonly LayerEntry[] => {
      const relative = join(within, entry.name);
      if (!keep(relative)) return [];
      const path = join(target, relative);
      const source = join(folder, relative);
      if (entry.isSymbolicLink()) return [{ kind: 'link', path, target: readlinkSync(source) }];
      if (entry.isFile()) return [{ kind: 'file', path, source }];
      if (!entry.isDirectory()) return [];
      const inner = readdirSync(source, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
      return [{ kind: 'folder', path }, ...visit(relative, inner)];
    });
  return visit('', found);
}
