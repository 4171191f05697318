import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestCluster } from './test-cluster.ts';

interface Kubeconfig {
  readonly clusters: readonly unknown[];
}

/** Writes `<folder>/<namespace>-<name>.kubeconfig`: the cluster of the given kubeconfig, with a token of that service account (24 h). */
export async function writeServiceAccountKubeconfig(
  kubectl: TestCluster['kubectl'],
  folder: string,
  account: { readonly namespace: string; readonly name: string },
): Promise<string> {
  const { namespace, name } = account;
  const token = (await kubectl(['create', 'token', name, '--namespace', namespace, '--duration', '24h'])).trim();
  const config = JSON.parse(await kubectl(['config', 'view', '--raw', '--minify', '--output', 'json'])) as Kubeconfig;
  const [first] = config.clusters as ReadonlyArray<{ readonly name: string }>;
  const path = join(folder, `${namespace}-${name}.kubeconfig`);
  const own = {
    ...config,
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: first?.name, user: name, namespace } }],
    'current-context': name,
  };
  writeFileSync(path, `${JSON.stringify(own, undefined, 2)}\n`, { mode: 0o600 });
  return path;
}
