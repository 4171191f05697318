import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../cache-dir.ts';
import { withFileLock } from '../file-lock.ts';
import { BASE_PACKAGES, debianBase } from './debian-base.ts';
import { type LayerEntry, layerOf, writeLayer } from './layer.ts';
import { writeOciArchive } from './oci-archive.ts';

/** The major version of Debian's suite. */
const VERSION = '15';

/** The name of the official image on the same Debian, whose paths, user, programs and environment ours has too. */
export const POSTGRES_IMAGE = `docker.io/library/postgres:${VERSION}-bookworm`;

const PACKAGES = [...BASE_PACKAGES, `postgresql-${VERSION}`];

/** What the entry point, initdb and a curious person need of busybox. */
const TOOLS = ['sh', 'cat', 'chmod', 'df', 'du', 'env', 'ls', 'rm', 'sleep'];

const PROGRAMS = `/usr/lib/postgresql/${VERSION}/bin`;

/** Makes a database where there is none, then becomes the server. */
const ENTRYPOINT = `#!/bin/sh
set -e
case "$1" in -*) set -- postgres "$@" ;; esac
if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
  if [ -z "$POSTGRES_PASSWORD" ]; then echo 'POSTGRES_PASSWORD is not set: a new database needs one' >&2; exit 1; fi
  umask 077
  echo "$POSTGRES_PASSWORD" > /tmp/password
  initdb --username=postgres --pwfile=/tmp/password $POSTGRES_INITDB_ARGS
  rm /tmp/password
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  echo "listen_addresses = '*'" >> "$PGDATA/postgresql.conf"
fi
exec "$@"
`;

/** An archive with the image, from the cache or made now (about a minute, mostly downloads). */
export async function postgresImage(onProgress: (line: string) => void): Promise<string> {
  const folder = join(cacheDir(), 'images');
  const key = createHash('sha256')
    .update(JSON.stringify([PACKAGES, process.arch]))
    .update(readFileSync(import.meta.filename))
    .digest('hex')
    .slice(0, 16);
  const path = join(folder, `postgres-${key}.tar`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const onWait = (pid: number): void => onProgress(`Process ${pid} makes the image of PostgreSQL; waiting for it`);
  await withFileLock(join(folder, 'postgres.lock'), { timeoutSeconds: 900, onWait }, async () => {
    if (!existsSync(path)) await make(path, onProgress);
  });
  return path;
}

async function make(path: string, onProgress: (line: string) => void): Promise<void> {
  const base = await debianBase(PACKAGES, onProgress);
  onProgress('Making the image of PostgreSQL (once)');
  const folder = `${path}.unfinished`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    const own = await writeLayer(join(folder, 'own.tar'), entries(folder));
    const image = {
      names: [POSTGRES_IMAGE],
      entrypoint: ['docker-entrypoint.sh'],
      cmd: ['postgres'],
      env: [
        `PATH=/usr/local/bin:${PROGRAMS}:/usr/sbin:/usr/bin:/sbin:/bin`,
        'PGDATA=/var/lib/postgresql/data',
        `PG_MAJOR=${VERSION}`,
      ],
      user: '999:999',
      layers: [await layerOf(base), own],
    };
    await writeOciArchive(join(folder, 'image.tar'), [image]);
    renameSync(join(folder, 'image.tar'), path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function entries(folder: string): readonly LayerEntry[] {
  const entrypoint = join(folder, 'entrypoint.sh');
  writeFileSync(entrypoint, ENTRYPOINT);
  return [
    { kind: 'folder', path: 'tmp', mode: 0o1777 },
    // Where the server listens for those in its own container.
    { kind: 'folder', path: 'var/run/postgresql', mode: 0o1777 },
    { kind: 'folder', path: 'var/lib/postgresql/data', mode: 0o777 },
    ...TOOLS.map((name): LayerEntry => ({ kind: 'link', path: `bin/${name}`, target: 'busybox' })),
    // initdb asks for the name of its user.
    {
      kind: 'text',
      path: 'etc/passwd',
      text: 'root:x:0:0:root:/:/bin/sh\npostgres:x:999:999:postgres:/var/lib/postgresql:/bin/sh\n',
    },
    { kind: 'text', path: 'etc/group', text: 'root:x:0:\npostgres:x:999:\n' },
    { kind: 'text', path: 'etc/nsswitch.conf', text: 'passwd: files\ngroup: files\nhosts: files dns\n' },
    { kind: 'file', path: 'usr/local/bin/docker-entrypoint.sh', source: entrypoint, mode: 0o755 },
  ];
}
