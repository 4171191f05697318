import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type Pack, pack } from 'tar-stream';
import type { Layer } from './layer.ts';

/** A layer that the reader of the archive has already: only named. */
export type KnownLayer = Omit<Layer, 'path'>;

/** A container image: what it is called, what it runs, and its layers from the lowest up. */
export interface Image {
  readonly names: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd?: readonly string[];
  readonly env?: readonly string[];
  readonly user?: string;
  readonly workingDir?: string;
  readonly layers: ReadonlyArray<Layer | KnownLayer>;
}

interface Blob {
  readonly digest: string;
  readonly size: number;
  readonly content: Buffer | { readonly path: string };
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** The architecture's name in images and in Go. */
export const imageArchitecture = (): string => ARCHITECTURES[process.arch] ?? process.arch;

function blobOf(content: object): Blob {
  const bytes = Buffer.from(JSON.stringify(content));
  return { digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, size: bytes.length, content: bytes };
}

const descriptor = (mediaType: string, { digest, size }: KnownLayer) => ({
  mediaType: `application/vnd.oci.image.${mediaType}`,
  digest,
  size,
});

/** The config and the manifest of an image (OCI image specification 1.1). */
function describe(image: Image): { readonly config: Blob; readonly manifest: Blob } {
  const config = blobOf({
    architecture: imageArchitecture(),
    os: 'linux',
    config: {
      Entrypoint: image.entrypoint,
      Cmd: image.cmd ?? [],
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...(image.env ?? [])],
      User: image.user ?? '',
      WorkingDir: image.workingDir ?? '/',
    },
    rootfs: { type: 'layers', diff_ids: image.layers.map(({ digest }) => digest) },
  });
  const manifest = blobOf({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor('config.v1+json', config),
    layers: image.layers.map((layer) => descriptor('layer.v1.tar', layer)),
  });
  return { config, manifest };
}

/** Writes the images as one OCI archive, which `ctr images import` reads. Layers that are only named are not in it. */
export async function writeOciArchive(path: string, images: readonly Image[]): Promise<void> {
  const described = images.map((image) => ({ image, ...describe(image) }));
  const blobs = new Map<string, Blob>();
  for (const { image, config, manifest } of described) {
    for (const layer of image.layers)
      if ('path' in layer) blobs.set(layer.digest, { ...layer, content: { path: layer.path } });
    blobs.set(config.digest, config).set(manifest.digest, manifest);
  }
  const manifests = described.flatMap(({ image, manifest }) =>
    image.names.map((name) => ({
      ...descriptor('manifest.v1+json', manifest),
      annotations: { 'io.containerd.image.name': name },
      platform: { architecture: imageArchitecture(), os: 'linux' },
    })),
  );
  const archive = pack();
  const written = pipeline(archive, createWriteStream(path));
  await addBlob(archive, 'oci-layout', blobOf({ imageLayoutVersion: '1.0.0' }));
  await addBlob(archive, 'index.json', blobOf({ schemaVersion: 2, manifests }));
  for (const blob of blobs.values()) await addBlob(archive, `blobs/${blob.digest.replace(':', '/')}`, blob);
  archive.finalize();
  await written;
}

async function addBlob(archive: Pack, name: string, blob: Blob): Promise<void> {
  const done = Promise.withResolvers<void>();
  const entry = archive.entry({ name, size: blob.size }, (error) => (error ? done.reject(error) : done.resolve()));
  if (Buffer.isBuffer(blob.content)) entry.end(blob.content);
  else await pipeline(createReadStream(blob.content.path), entry);
  await done.promise;
}
