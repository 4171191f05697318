import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../cache-dir.ts';
import { run } from '../command.ts';

const SUITE = 'bookworm';

/** What the pinned Node.js links, certificates, and busybox for a shell; no package manager. */
export const BASE_PACKAGES = [
  'base-files',
  'busybox',
  'ca-certificates',
  'libatomic1',
  'libc6',
  'libgcc-s1',
  'libstdc++6',
  'netbase',
  'tzdata',
];

/** A tar of Debian with these packages unpacked, made once and kept in the cache (8 s; needs a Debian mirror). */
export async function debianBase(packages: readonly string[], onProgress: (line: string) => void): Promise<string> {
  const key = createHash('sha256')
    .update([SUITE, ...packages].join(' '))
    .digest('hex')
    .slice(0, 16);
  const folder = join(cacheDir(), 'images');
  const path = join(folder, `debian-${key}.tar`);
  if (existsSync(path)) return path;
  onProgress(`Making a Debian base image (${packages.length} packages, once)`);
  mkdirSync(folder, { recursive: true });
  const temporary = `${path}.${process.pid}.tar`;
  const options = ['--variant=extract', '--quiet', `--include=${packages.join(',')}`];
  await run('mmdebstrap', [...options, SUITE, temporary], { timeoutSeconds: 300 });
  renameSync(temporary, path);
  return path;
}
