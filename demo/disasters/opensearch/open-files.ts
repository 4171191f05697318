// OpenSearch asks for its limit of open files before it listens where others can reach it, and ends when that is low. Only CAP_SYS_RESOURCE
// raises a hard limit, and root of a container or of a test machine often lacks it. There, and only there, Java is told of a higher limit.
//
// What does not work instead: Java without its module jdk.management would not know its limit, and OpenSearch takes an unknown one for enough;
// but OpenSearch 2.11 counts what its tasks use with a class of that module, and ends. A seccomp profile that refuses to tell the limit ends
// Java itself: its network library asks, too.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, tryRun } from '../../../test/cluster/command.ts';

/** What OpenSearch asks for. */
const NEEDED = 65_535;

const SOURCE = join(import.meta.dirname, 'open-files.c');

const LIBRARY = 'open-files.so';
const MOUNT_PATH = '/opt/open-files';

/** How many files a pod here may have open when OpenSearch asks for more; undefined: enough. Pods of an embedded node have our own hard limit. */
export function tooFewOpenFiles(limits = readFileSync('/proc/self/limits', 'utf8')): number | undefined {
  const hard = /^Max open files +\S+ +(\d+)/m.exec(limits)?.[1];
  return hard === undefined || Number(hard) >= NEEDED ? undefined : Number(hard);
}

/** For people. */
export function tellTooFewOpenFiles(limit: number): string {
  return `OpenSearch asks for ${NEEDED} open files, and pods here may have ${limit}, which nobody without CAP_SYS_RESOURCE can raise. The demonstration opens some hundreds, so its pods preload a library (demo/disasters/opensearch/open-files.c) that tells Java of ${NEEDED}. Nodes of EKS and GKE allow more than OpenSearch asks for: nothing of this is used there`;
}

/** Manifests and parts of manifests with which a container hears of the higher limit. */
export interface HigherLimit {
  /** A ConfigMap with the library. */
  readonly configMap: object;
  readonly volume: object;
  readonly mount: object;
  readonly variable: { readonly name: string; readonly value: string };
}

/** With the library, made for this machine. */
export async function higherLimit(onProgress: (line: string) => void): Promise<HigherLimit> {
  const name = 'open-files';
  const binaryData = { [LIBRARY]: (await openFilesLibrary(onProgress)).toString('base64') };
  return {
    configMap: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, binaryData },
    volume: { name, configMap: { name } },
    mount: { name, mountPath: MOUNT_PATH, readOnly: true },
    variable: { name: 'LD_PRELOAD', value: `${MOUNT_PATH}/${LIBRARY}` },
  };
}

let made: Promise<Buffer> | undefined;

/** Compiled once, by the machine's C compiler or by Debian's smallest. Throws with a sentence for a person where there is neither. */
export function openFilesLibrary(onProgress: (line: string) => void): Promise<Buffer> {
  made ??= compile(onProgress);
  return made;
}

async function compile(onProgress: (line: string) => void): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'proffer-open-files-'));
  const library = join(folder, LIBRARY);
  const args = ['-shared', '-fPIC', '-nostdlib', '-o', library, SOURCE];
  try {
    for (const name of ['cc', 'tcc']) if ((await tryRun(name, args)) !== undefined) return readFileSync(library);
    onProgress('No C compiler works here: installing the Debian package tcc, a small one');
    await installTcc();
    await run('tcc', args);
    return readFileSync(library);
  } catch (error) {
    throw new Error(`${NO_COMPILER} ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const NO_COMPILER = `OpenSearch asks for ${NEEDED} open files, which pods here may not have, and the library that helps (demo/disasters/opensearch/open-files.c) could not be compiled: install a C compiler (gcc or tcc), or start the demo where "ulimit -Hn" says ${NEEDED} or more.`;

async function installTcc(): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const quiet = ['-qq', '-o', 'DPkg::Lock::Timeout=120'];
  await run('apt-get', ['update', ...quiet], { env, timeoutSeconds: 300 });
  await run('apt-get', ['install', ...quiet, '-y', '--no-install-recommends', 'tcc'], { env, timeoutSeconds: 300 });
}
