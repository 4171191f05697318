// Writes from within a pod that is cut off: the API server cannot reach it, but its node is on this machine.
import { join } from 'node:path';
import { addressesOf, indexFromEnvironment, nodeAddressesOf } from '../../../test/cluster/addresses.ts';
import { CommandError, run } from '../../../test/cluster/command.ts';
import { containerdSocketOf } from '../../../test/cluster/node-configs.ts';
import type { TestCluster } from '../../../test/cluster/test-cluster.ts';
import { type LateWrites, NAMESPACE } from '../workload.ts';

const TRIES = 3;
const LATE_FILE = '.late';

/** What libc says of EIO and of EROFS. */
const REFUSED = /input\/output error|i\/o error|read-only file system/i;

interface Place {
  readonly node: string;
  readonly pod: string;
  readonly container: string;
  /** Where the volume is mounted. */
  readonly folder: string;
}

/** A program in the pod's container writes to the volume, with fsync. What could not even start has tried nothing. */
export async function writeLate(cluster: TestCluster, { node, pod, container, folder }: Place): Promise<LateWrites> {
  const number = Number(/\d+$/.exec(node)?.[0] ?? 0);
  const addresses = nodeAddressesOf(addressesOf(indexFromEnvironment()), number);
  const ctr = (args: readonly string[]): Promise<string> =>
    run(join(cluster.binDir ?? '', 'ctr'), [
      `--address=${containerdSocketOf(addresses)}`,
      '--namespace=k8s.io',
      ...args,
    ]);
  const ids = await ctr(['containers', 'list', '--quiet', filterOf(pod, container)]);
  const running = await ctr(['tasks', 'list']);
  const id = ids.split('\n').find((word) => word !== '' && new RegExp(`^${word}.*RUNNING`, 'm').test(running));
  if (id === undefined) return { tried: 0, refused: 0 };
  const file = join(folder, LATE_FILE);
  const script = `echo late >> ${file} && busybox sync ${file}`;
  let tried = 0;
  let refused = 0;
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const fifos = `--fifo-dir=${join(addresses.stateDir, 'fifos')}`;
    const said = await ctr(['tasks', 'exec', `--exec-id=late-${attempt}`, fifos, id, 'sh', '-c', script]).then(
      () => 'written',
      (error: unknown) => (error instanceof CommandError ? error.message : String(error)),
    );
    if (said === 'written') tried += 1;
    if (!REFUSED.test(said)) continue;
    tried += 1;
    refused += 1;
  }
  return { tried, refused };
}

/** Whether anything of it came through to where the volume is now. */
export async function isWrittenLate(cluster: TestCluster, member: string, folder: string): Promise<boolean> {
  const listed = await cluster.kubectl(['exec', '-n', NAMESPACE, member, '--', 'ls', '-a', folder]);
  return listed.split('\n').includes(LATE_FILE);
}

function filterOf(pod: string, container: string): string {
  return `labels."io.kubernetes.pod.name"==${pod},labels."io.kubernetes.container.name"==${container}`;
}
