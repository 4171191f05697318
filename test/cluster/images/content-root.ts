import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { cacheDir } from '../cache-dir.ts';
import { run } from '../command.ts';
import { startComponent, startedComponents, stopComponents } from '../component.ts';
import { withFileLock } from '../file-lock.ts';
import { signal, waitForEnd } from '../processes.ts';
import { TOOL_MODULES, toolModuleHash } from '../tool-modules.ts';
import { waitUntil } from '../wait-until.ts';
import { copyContent } from './copy-content.ts';
import { BASE_PACKAGES, debianBase } from './debian-base.ts';
import { writeStableImages } from './images.ts';
import { layerOf } from './layer.ts';
import { type KnownLayer, writeOciArchive } from './oci-archive.ts';
import { REPOSITORY } from './production-packages.ts';

/** Images that were unpacked once: each real node starts from a copy of `root`, instead of importing them. */
export interface ContentRoot {
  /** A containerd root folder. Its blobs and layers must not be changed: nodes share them. */
  readonly root: string;
  /** Layers of the base that Proffer's own files are put on. */
  readonly profferBase: readonly KnownLayer[];
}

interface ContentSources {
  /** Folder with etcd and kube-scheduler. */
  readonly toolsDir: string;
  readonly containerdDir: string;
  /** Archives of images that the nodes have besides; their names say which version they are. */
  readonly archives?: readonly string[];
  readonly onProgress: (line: string) => void;
}

const KEPT = 3;

function keyOf(): string {
  const parts = [toolModuleHash(TOOL_MODULES.kubernetes), toolModuleHash(TOOL_MODULES.containerd), BASE_PACKAGES];
  const code = ['images.ts', 'layer.ts', 'oci-archive.ts', 'production-packages.ts'].map((file) =>
    readFileSync(join(import.meta.dirname, file)),
  );
  const hash = createHash('sha256')
    .update(JSON.stringify(parts))
    .update(readFileSync(join(REPOSITORY, 'package-lock.json')));
  for (const text of code) hash.update(text);
  return hash.digest('hex').slice(0, 16);
}

/** The images of this working tree's versions, from the cache or made now (about a minute). */
export async function contentRoot(sources: ContentSources): Promise<ContentRoot> {
  const images = join(cacheDir(), 'images');
  const folder = join(images, keyOf());
  if (!existsSync(folder)) {
    const onWait = (pid: number): void => sources.onProgress(`Process ${pid} makes the images; waiting for it`);
    await withFileLock(join(images, 'lock'), { timeoutSeconds: 900, onWait }, async () => {
      if (!existsSync(folder)) await make(folder, sources);
    });
  }
  return {
    root: join(await withArchives(folder, sources), 'root'),
    profferBase: JSON.parse(readFileSync(join(folder, 'proffer-base.json'), 'utf8')) as KnownLayer[],
  };
}

/** The set with more images in it, from the cache or made now: once, instead of in each node. */
async function withArchives(
  set: string,
  { archives = [], containerdDir, onProgress }: ContentSources,
): Promise<string> {
  if (archives.length === 0) return set;
  const folder = [set, ...archives.map((path) => basename(path, '.tar'))].join('+');
  if (existsSync(folder)) return folder;
  await withFileLock(`${folder}.lock`, { timeoutSeconds: 900 }, async () => {
    if (existsSync(folder)) return;
    onProgress(`Unpacking ${archives.map((path) => basename(path)).join(', ')} for the nodes (once)`);
    const temporary = `${folder}.unfinished`;
    await stopComponents(temporary);
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary, { recursive: true });
    await copyContent(join(set, 'root'), join(temporary, 'root'));
    for (const archive of archives) await importInto(temporary, archive, containerdDir);
    for (const file of readdirSync(temporary)) if (file !== 'root') rmSync(join(temporary, file), { recursive: true });
    renameSync(temporary, folder);
  });
  return folder;
}

async function make(folder: string, sources: ContentSources): Promise<void> {
  const debian = await layerOf(await debianBase(BASE_PACKAGES, sources.onProgress));
  sources.onProgress('Making the container images (once for each set of locked packages)');
  const temporary = `${folder}.unfinished`;
  // What a killed run left behind.
  await stopComponents(temporary);
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  const { images, profferBase } = await writeStableImages(temporary, sources.toolsDir, debian);
  const archive = join(temporary, 'images.tar');
  await writeOciArchive(archive, images);
  await importInto(temporary, archive, sources.containerdDir);
  writeFileSync(
    join(temporary, 'proffer-base.json'),
    JSON.stringify(profferBase.map(({ digest, size }) => ({ digest, size }))),
  );
  for (const file of readdirSync(temporary)) {
    if (file !== 'root' && file !== 'proffer-base.json') rmSync(join(temporary, file), { recursive: true });
  }
  renameSync(temporary, folder);
  removeOldSets();
}

/** Runs a containerd for as long as the import takes. It ends by SIGTERM, so that its databases are whole. */
async function importInto(folder: string, archive: string, containerdDir: string): Promise<void> {
  // The path of a socket is short or not at all, and that of the cache may be of any length.
  const socketFolder = mkdtempSync(join(tmpdir(), 'proffer-'));
  const socket = join(socketFolder, 'containerd.sock');
  const config = join(folder, 'containerd.toml');
  const cri = [
    'io.containerd.grpc.v1.cri',
    'io.containerd.cri.v1.images',
    'io.containerd.cri.v1.runtime',
    'io.containerd.nri.v1.nri',
  ];
  writeFileSync(
    config,
    `version = 3
root = ${JSON.stringify(join(folder, 'root'))}
state = ${JSON.stringify(join(folder, 'state'))}
disabled_plugins = ${JSON.stringify([...cri, 'io.containerd.internal.v1.opt'])}
[grpc]
  address = ${JSON.stringify(socket)}
`,
  );
  const ctr = (...args: readonly string[]): Promise<string> =>
    run(join(containerdDir, 'ctr'), [`--address=${socket}`, '--namespace=k8s.io', ...args], { timeoutSeconds: 300 });
  startComponent(folder, {
    name: 'containerd',
    command: join(containerdDir, 'containerd'),
    args: [`--config=${config}`],
  });
  try {
    await waitUntil('containerd answering', async () => existsSync(socket) && (await ctr('version')) !== '', {
      timeoutSeconds: 30,
    });
    await ctr('images', 'import', '--local', archive);
    const pids = startedComponents(folder).map(({ pid }) => pid);
    signal(pids, 'SIGTERM');
    await waitForEnd(pids);
  } finally {
    await stopComponents(folder);
    rmSync(socketFolder, { recursive: true, force: true });
  }
}

/** Each set is half a gigabyte: the newest few stay. */
function removeOldSets(): void {
  const images = join(cacheDir(), 'images');
  const sets = readdirSync(images)
    .filter((name) => existsSync(join(images, name, 'proffer-base.json')))
    .map((name) => ({ path: join(images, name), time: statSync(join(images, name, 'proffer-base.json')).mtimeMs }))
    .toSorted((a, b) => b.time - a.time);
  for (const { path } of sets.slice(KEPT)) {
    // With those that were made from it.
    for (const name of readdirSync(images))
      if (name.startsWith(basename(path))) rmSync(join(images, name), { recursive: true, force: true });
  }
}
