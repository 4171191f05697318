import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiClient } from './api-client.ts';
import type { TestCluster } from './test-cluster.ts';

interface Kubeconfig {
  readonly clusters: readonly unknown[];
}

interface Account {
  readonly namespace: string;
  readonly name: string;
}

const DAY_SECONDS = 86_400;

/** Writes `<folder>/<namespace>-<name>.kubeconfig`: the cluster of the given kubeconfig, with a token of that service account (24 h). */
export async function writeServiceAccountKubeconfig(
  kubectl: TestCluster['kubectl'],
  folder: string,
  account: Account,
): Promise<string> {
  const { namespace, name } = account;
  const token = (await kubectl(['create', 'token', name, '--namespace', namespace, '--duration', '24h'])).trim();
  const config = JSON.parse(await kubectl(['config', 'view', '--raw', '--minify', '--output', 'json'])) as Kubeconfig;
  return writeFor(account, config, token, folder);
}

/** The same over a connection that is there; `kubeconfigPath` as we write it ourselves: one cluster, in JSON. */
export async function requestServiceAccountKubeconfig(
  client: ApiClient,
  kubeconfigPath: string,
  folder: string,
  account: Account,
): Promise<string> {
  const body = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: DAY_SECONDS },
  };
  const path = `/api/v1/namespaces/${account.namespace}/serviceaccounts/${account.name}/token`;
  const { status } = await client.send<{ status: { token: string } }>('POST', path, body);
  return writeFor(account, JSON.parse(readFileSync(kubeconfigPath, 'utf8')) as Kubeconfig, status.token, folder);
}

function writeFor({ namespace, name }: Account, config: Kubeconfig, token: string, folder: string): string {
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
