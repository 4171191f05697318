import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../cache-dir.ts';
import { minutesAndSeconds } from '../build-progress.ts';
import { run, tryRun } from '../command.ts';

export interface MavenArtifact {
  /** `group:artifact:version:type`. */
  readonly coordinates: string;
  /** Of the file, in hexadecimal. */
  readonly sha256: string;
  /** For progress, for instance `46 MB`. */
  readonly size: string;
}

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy';

/**
 * The file from a Maven repository, by Maven itself, so that the user's own mirrors and proxies (settings.xml) are used; kept in the cache.
 * PROFFER_MAVEN_URL names another repository for everything. Where there is no Maven, Debian's is installed.
 */
export async function mavenArtifact(artifact: MavenArtifact, onProgress: (line: string) => void): Promise<string> {
  const [, name = '', version = '', type = ''] = artifact.coordinates.split(':');
  const folder = join(cacheDir(), 'maven');
  const path = join(folder, `${name}-${version}-${artifact.sha256.slice(0, 12)}.${type}`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  await needMaven(onProgress);
  const temporary = join(folder, `${name}.${process.pid}`);
  const started = performance.now();
  const tick = setInterval(() => {
    onProgress(`Downloading … ${minutesAndSeconds((performance.now() - started) / 1000)}`);
  }, 10_000);
  onProgress(`Downloading ${artifact.coordinates} by Maven (${artifact.size}, once)`);
  try {
    await download(artifact.coordinates, temporary);
    const [file = ''] = readdirSync(temporary).filter((entry) => entry.endsWith(`.${type}`));
    await check(join(temporary, file), artifact);
    renameSync(join(temporary, file), path);
  } finally {
    clearInterval(tick);
    rmSync(temporary, { recursive: true, force: true });
  }
  return path;
}

async function needMaven(onProgress: (line: string) => void): Promise<void> {
  if ((await tryRun('mvn', ['--version'])) !== undefined) return;
  onProgress('Installing the Debian package maven');
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const quiet = ['-qq', '-o', 'DPkg::Lock::Timeout=120'];
  await run('apt-get', ['update', ...quiet], { env, timeoutSeconds: 300 });
  await run('apt-get', ['install', ...quiet, '-y', '--no-install-recommends', 'maven'], { env, timeoutSeconds: 600 });
}

async function download(coordinates: string, target: string): Promise<void> {
  mkdirSync(target, { recursive: true });
  const options = ['-q', '-B', ...settings(target), COPY, `-Dartifact=${coordinates}`, `-DoutputDirectory=${target}`];
  try {
    await run('mvn', options, { timeoutSeconds: 600, cwd: target });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${coordinates} could not be had by Maven (PROFFER_MAVEN_URL names another repository): ${why}`, {
      cause: error,
    });
  }
}

/** A mirror of everything, plugins included, when one is named; else what the user has set. */
function settings(folder: string): readonly string[] {
  const url = process.env['PROFFER_MAVEN_URL'];
  if (url === undefined || url === '') return [];
  const path = join(folder, 'settings.xml');
  const mirror = `<mirror><id>named</id><mirrorOf>*</mirrorOf><url>${url.replaceAll('&', '&amp;')}</url></mirror>`;
  writeFileSync(path, `<settings><mirrors>${mirror}</mirrors></settings>`);
  return ['--settings', path];
}

async function check(path: string, { coordinates, sha256 }: MavenArtifact): Promise<void> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  const found = hash.digest('hex');
  if (found !== sha256) throw new Error(`${coordinates} has the SHA-256 sum ${found}, and it must be ${sha256}`);
}
