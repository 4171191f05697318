import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../cache-dir.ts';
import { run } from '../command.ts';
import { withFileLock } from '../file-lock.ts';
import { BASE_PACKAGES, debianBase } from './debian-base.ts';
import { type LayerEntry, entriesOf, layerOf, writeLayer } from './layer.ts';
import { mavenArtifact } from './maven-artifact.ts';
import { imageArchitecture, writeOciArchive } from './oci-archive.ts';

const VERSION = '2.11.0';

/** The name of the project's own image, whose paths, user and environment ours has too. */
export const OPENSEARCH_IMAGE = `docker.io/opensearchproject/opensearch:${VERSION}`;

/** The distribution that its plugins are tested with: all of OpenSearch, without a Java. */
const DISTRIBUTION = {
  coordinates: `org.opensearch.distribution.integ-test-zip:opensearch:${VERSION}:zip`,
  sha256: '7101a793cc129476dfd4125ddefa1e1a7397c1f71f95e7fa5fd9fd7da958b70c',
  size: '46 MB',
} as const;

const PACKAGES = [...BASE_PACKAGES, 'openjdk-17-jre-headless'];

/** What the entry point and a curious person need of busybox. */
const TOOLS = ['sh', 'cat', 'df', 'du', 'env', 'grep', 'ls', 'tr'];

const HOME = 'usr/share/opensearch';

/**
 * Starts at once, without the scripts that start Java three times. Settings come as environment variables with a dot in their name, as in
 * OpenSearch's own image; a shell does not hand such names on, so they are read where the kernel keeps them. The flags are those of
 * OpenSearch's launcher for Java 17; the simple compiler suits three members on a small machine. OpenSearch refuses the serial collector.
 */
const ENTRYPOINT = `#!/bin/sh
cd /${HOME} || exit 1
set --
for setting in $(tr '\\0' '\\n' < /proc/$$/environ | grep -E '^[a-z0-9_]+[.][a-z0-9_.]+='); do set -- "$@" "-E$setting"; done
exec /opt/java/bin/java -Xshare:auto -XX:+UseParallelGC -XX:TieredStopAtLevel=1 \\
  -Dopensearch.networkaddress.cache.ttl=5 -Dopensearch.networkaddress.cache.negative.ttl=1 \\
  -Djava.security.manager=allow -Djava.awt.headless=true -Dfile.encoding=UTF-8 -Djna.nosys=true -XX:-OmitStackTraceInFastThrow \\
  -Dio.netty.noUnsafe=true -Dio.netty.noKeySetOptimization=true -Dio.netty.recycler.maxCapacityPerThread=0 \\
  -Dio.netty.allocator.numDirectArenas=0 -Dlog4j.shutdownHookEnabled=false -Dlog4j2.disable.jmx=true -Djava.locale.providers=SPI,COMPAT \\
  -Djava.util.concurrent.ForkJoinPool.common.threadFactory=org.opensearch.secure_sm.SecuredForkJoinWorkerThreadFactory \\
  $OPENSEARCH_JAVA_OPTS -Dopensearch.path.home=/${HOME} -Dopensearch.path.conf=/${HOME}/config \\
  -Dopensearch.distribution.type=docker -Dopensearch.bundled_jdk=false -cp '/${HOME}/lib/*' \\
  org.opensearch.bootstrap.OpenSearch "$@"
`;

/** An archive with the image, from the cache or made now (about a minute, mostly downloads). */
export async function openSearchImage(onProgress: (line: string) => void): Promise<string> {
  const folder = join(cacheDir(), 'images');
  const key = createHash('sha256')
    .update(JSON.stringify([DISTRIBUTION, PACKAGES, process.arch]))
    .update(readFileSync(import.meta.filename))
    .digest('hex')
    .slice(0, 16);
  const path = join(folder, `opensearch-${key}.tar`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const onWait = (pid: number): void => onProgress(`Process ${pid} makes the image of OpenSearch; waiting for it`);
  await withFileLock(join(folder, 'opensearch.lock'), { timeoutSeconds: 900, onWait }, async () => {
    if (!existsSync(path)) await make(path, onProgress);
  });
  return path;
}

async function make(path: string, onProgress: (line: string) => void): Promise<void> {
  const [zip, base] = await Promise.all([mavenArtifact(DISTRIBUTION, onProgress), debianBase(PACKAGES, onProgress)]);
  onProgress('Making the image of OpenSearch (once)');
  const folder = `${path}.unfinished`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    await run('python3', ['-m', 'zipfile', '-e', zip, folder], { timeoutSeconds: 120 });
    const own = await writeLayer(join(folder, 'own.tar'), entries(join(folder, `opensearch-${VERSION}`)));
    const image = {
      names: [OPENSEARCH_IMAGE],
      entrypoint: [`/${HOME}/opensearch-docker-entrypoint.sh`],
      cmd: ['opensearch'],
      env: ['JAVA_HOME=/opt/java'],
      user: '1000:1000',
      workingDir: `/${HOME}`,
      layers: [await layerOf(base), own],
    };
    await writeOciArchive(join(folder, 'image.tar'), [image]);
    renameSync(join(folder, 'image.tar'), path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Not what is for Windows; the configuration is made below. */
function isNeeded(file: string): boolean {
  return !/\.(bat|exe)$/.test(file) && !file.startsWith('config');
}

function entries(unpacked: string): readonly LayerEntry[] {
  return [
    { kind: 'folder', path: 'tmp', mode: 0o1777 },
    ...TOOLS.map((name): LayerEntry => ({ kind: 'link', path: `bin/${name}`, target: 'busybox' })),
    {
      kind: 'text',
      path: 'etc/passwd',
      text: 'root:x:0:0:root:/:/bin/sh\nopensearch:x:1000:1000:opensearch:/:/bin/sh\n',
    },
    { kind: 'text', path: 'etc/group', text: 'root:x:0:\nopensearch:x:1000:\n' },
    { kind: 'text', path: 'etc/nsswitch.conf', text: 'passwd: files\ngroup: files\nhosts: files dns\n' },
    { kind: 'link', path: 'opt/java', target: `/usr/lib/jvm/java-17-openjdk-${imageArchitecture()}` },
    { kind: 'folder', path: HOME },
    ...entriesOf(unpacked, HOME, isNeeded),
    // Written to at the start, by a user who is not root.
    ...['config', 'config/jvm.options.d', 'logs', 'data', 'plugins'].map((name): LayerEntry => ({
      kind: 'folder',
      path: `${HOME}/${name}`,
      mode: 0o777,
    })),
    { kind: 'text', path: `${HOME}/config/opensearch.yml`, text: '' },
    { kind: 'file', path: `${HOME}/config/log4j2.properties`, source: join(unpacked, 'config', 'log4j2.properties') },
    { kind: 'file', path: `${HOME}/opensearch-docker-entrypoint.sh`, source: writeEntrypoint(unpacked), mode: 0o755 },
  ];
}

function writeEntrypoint(folder: string): string {
  const path = join(folder, 'entrypoint.sh');
  writeFileSync(path, ENTRYPOINT);
  return path;
}
