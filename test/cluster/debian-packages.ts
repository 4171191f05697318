import { existsSync } from 'node:fs';
import { run, tryRun } from './command.ts';

/** What real nodes, images and the array take from Debian, each with a file that tells whether it is there. */
const PACKAGES: ReadonlyArray<readonly [name: string, file: string]> = [
  ['runc', '/usr/sbin/runc'],
  ['containernetworking-plugins', '/usr/lib/cni/ptp'],
  ['iproute2', '/sbin/ip'],
  ['iptables', '/usr/sbin/iptables'],
  ['nftables', '/usr/sbin/nft'],
  ['conntrack', '/usr/sbin/conntrack'],
  ['xfsprogs', '/sbin/mkfs.xfs'],
  ['e2fsprogs', '/sbin/mkfs.ext4'],
  ['mmdebstrap', '/usr/bin/mmdebstrap'],
];

/** Why this machine cannot run real nodes, or undefined when it can. */
export function whyNoRealNodes(): string | undefined {
  if (process.platform !== 'linux') return `Real nodes need Linux; this is ${process.platform}.`;
  if (process.getuid?.() !== 0)
    return 'Real nodes need root: they are network namespaces, cgroups and mounts of this machine.';
  return undefined;
}

/** Installs the missing packages when this is Debian; says what is missing and what else could be done otherwise. */
export async function installDebianPackages(onProgress: (line: string) => void): Promise<void> {
  const elsewhere =
    'Use --cluster=kind (Docker and kind), --cluster=current (your kubeconfig), or a cluster of fake nodes only.';
  const why = whyNoRealNodes();
  if (why !== undefined) throw new Error(`${why} ${elsewhere}`);
  const missing = PACKAGES.filter(([, file]) => !existsSync(file)).map(([name]) => name);
  if (missing.length === 0) return;
  if ((await tryRun('apt-get', ['--version'])) === undefined) {
    throw new Error(
      `Real nodes need the Debian packages ${missing.join(', ')}, and there is no apt-get here. ${elsewhere}`,
    );
  }
  onProgress(`Installing Debian packages: ${missing.join(', ')}`);
  try {
    await install(missing);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `Real nodes need the Debian packages ${missing.join(', ')}, and they could not be installed. ${why}\n` +
        `Run "apt-get install ${missing.join(' ')}" when the mirror can be reached. ${elsewhere}`,
      { cause: error },
    );
  }
}

async function install(packages: readonly string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  // Another apt-get may be at work: minutes after its boot a machine often updates itself.
  const quiet = ['-qq', '-o', 'DPkg::Lock::Timeout=120'];
  await run('apt-get', ['update', ...quiet], { env, timeoutSeconds: 300 });
  await run('apt-get', ['install', ...quiet, '-y', '--no-install-recommends', ...packages], {
    env,
    timeoutSeconds: 600,
  });
}
