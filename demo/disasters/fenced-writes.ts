// What a cut-off pod said, read on its node: the API server cannot ask there, and the node's files are on this machine.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { addressesOf, indexFromEnvironment, nodeAddressesOf } from '../../test/cluster/addresses.ts';

/** How many writes the pod told to have failed, in all its containers' logs on that node. Embedded clusters only. */
export function failedWrites(node: string, pod: { readonly namespace: string; readonly name: string }): number {
  const number = Number(/\d+$/.exec(node)?.[0] ?? 0);
  const root = join(nodeAddressesOf(addressesOf(indexFromEnvironment()), number).stateDir, 'podlogs');
  if (!existsSync(root)) return 0;
  const files = readdirSync(root)
    .filter((folder) => folder.startsWith(`${pod.namespace}_${pod.name}_`))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(root, folder, file)),
    )
    .filter((file) => file.endsWith('.log'));
  return files
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
    .filter((line) => line.includes('could not be written')).length;
}
