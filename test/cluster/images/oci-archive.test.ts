import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { extract } from 'tar-stream';
import { type LayerEntry, entriesOf, layerOf, writeLayer } from './layer.ts';
import { writeOciArchive } from './oci-archive.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'proffer-images-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function filesOf(
  path: string,
): Promise<Map<string, { readonly type: string; readonly mode: number; readonly text: string }>> {
  const files = new Map<string, { type: string; mode: number; text: string }>();
  const reader = extract();
  reader.on('entry', (header, stream, next) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk) => chunks.push(chunk as Buffer));
    stream.on('end', () => {
      const type = header.type ?? 'file';
      files.set(header.name, {
        type,
        mode: header.mode ?? 0,
        text: header.linkname ?? Buffer.concat(chunks).toString(),
      });
      next();
    });
  });
  const done = new Promise<void>((resolve) => reader.on('finish', () => resolve()));
  reader.end(readFileSync(path));
  await done;
  return files;
}

const entries = (text: string): readonly LayerEntry[] => [
  { kind: 'folder', path: 'etc' },
  { kind: 'text', path: 'etc/name', text },
  { kind: 'link', path: 'name', target: 'etc/name' },
];

describe('a layer', () => {
  test('of the same content has the same digest, of another content another', async () => {
    const [first, second, other] = [
      await writeLayer(join(folder, 'a.tar'), entries('x')),
      await writeLayer(join(folder, 'b.tar'), entries('x')),
      await writeLayer(join(folder, 'c.tar'), entries('y')),
    ];
    expect(second.digest).toBe(first.digest);
    expect(other.digest).not.toBe(first.digest);
    expect(await layerOf(first.path)).toEqual(first);
  });

  test('keeps run bits and links of a folder, and leaves out what is not wanted', async () => {
    mkdirSync(join(folder, 'in', 'bin'), { recursive: true });
    writeFileSync(join(folder, 'in', 'bin', 'run'), 'run', { mode: 0o755 });
    writeFileSync(join(folder, 'in', 'a.test.ts'), 'no');
    writeFileSync(join(folder, 'in', 'big'), 'x'.repeat(2_000_000));
    const found = entriesOf(join(folder, 'in'), 'app', (path) => !path.endsWith('.test.ts'));
    const files = await filesOf((await writeLayer(join(folder, 'a.tar'), found)).path);
    expect([...files.keys()]).toEqual(['app/big', 'app/bin', 'app/bin/run']);
    expect(files.get('app/bin/run')).toMatchObject({ mode: 0o755, text: 'run' });
    expect(files.get('app/big')?.text.length).toBe(2_000_000);
  });
});

test('an archive names its images, and holds the layers that have a file but not those that are only named', async () => {
  const layer = await writeLayer(join(folder, 'layer.tar'), entries('x'));
  const known = { digest: `sha256:${'0'.repeat(64)}`, size: 5 };
  const path = join(folder, 'image.tar');
  await writeOciArchive(path, [
    { names: ['localhost/one:1', 'localhost/two:1'], entrypoint: ['/run'], user: '65532', layers: [known, layer] },
  ]);
  const files = await filesOf(path);
  interface Index {
    readonly manifests: ReadonlyArray<{
      readonly digest: string;
      readonly annotations: Readonly<Record<string, string>>;
    }>;
  }
  const blob = (digest: string): unknown => JSON.parse(files.get(`blobs/${digest.replace(':', '/')}`)?.text ?? 'null');
  const index = JSON.parse(files.get('index.json')?.text ?? '') as Index;
  expect(index.manifests.map(({ annotations }) => annotations['io.containerd.image.name'])).toEqual([
    'localhost/one:1',
    'localhost/two:1',
  ]);
  const manifest = blob(index.manifests[0]?.digest ?? '') as {
    config: { digest: string };
    layers: ReadonlyArray<{ digest: string }>;
  };
  expect(manifest.layers.map(({ digest }) => digest)).toEqual([known.digest, layer.digest]);
  expect(blob(manifest.config.digest)).toMatchObject({
    config: { Entrypoint: ['/run'], User: '65532' },
    rootfs: { diff_ids: [known.digest, layer.digest] },
  });
  expect(files.has(`blobs/${layer.digest.replace(':', '/')}`)).toBe(true);
  expect(files.has(`blobs/${known.digest.replace(':', '/')}`)).toBe(false);
});
