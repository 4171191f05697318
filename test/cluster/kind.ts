import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { indexFromEnvironment } from './addresses.ts';
import { cacheDir } from './cache-dir.ts';
import { clusterCommands } from './cluster-commands.ts';
import { run } from './command.ts';
import { findProgram } from './find-program.ts';
import { REPOSITORY } from './images/production-packages.ts';
import { realNodesOf } from './node-names.ts';
import { writeServiceAccountKubeconfig } from './service-account.ts';
import type { ClusterOptions, TestCluster } from './test-cluster.ts';

const CONFIG = join(REPOSITORY, 'test', 'e2e', 'kind.yaml');
const PROFFER_IMAGE = 'localhost/proffer:dev';

const clusterName = (index: number): string => `proffer-${index}`;

async function programs(): Promise<{
  readonly kind: string;
  readonly docker: string;
  readonly kubectl: string;
  readonly helm: string;
}> {
  try {
    return {
      kind: await findProgram('kind'),
      docker: await findProgram('docker'),
      kubectl: await findProgram('kubectl'),
      helm: await findProgram('helm'),
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`--cluster=kind cannot be used here: ${why}`, { cause: error });
  }
}

const noFakes = (): Promise<never> =>
  Promise.reject(new Error('A kind cluster has no fake nodes; use --cluster=embedded for them.'));

/** A cluster of Docker containers, with Proffer's image built by Docker. Storage is kind's own; there is no array. */
export async function startKindCluster(options: ClusterOptions): Promise<TestCluster> {
  const { kind, docker, kubectl, helm } = await programs();
  const name = clusterName(options.index ?? indexFromEnvironment());
  const folder = join(cacheDir(), 'kind', name);
  mkdirSync(folder, { recursive: true });
  const kubeconfigPath = join(folder, 'kubeconfig');
  const progress = options.onProgress ?? (() => {});
  progress(`Creating the kind cluster ${name}`);
  await run(kind, ['delete', 'cluster', '--name', name], { timeoutSeconds: 120 });
  const create = [
    'create',
    'cluster',
    '--name',
    name,
    '--config',
    CONFIG,
    '--kubeconfig',
    kubeconfigPath,
    '--wait',
    '120s',
  ];
  await run(kind, create, { timeoutSeconds: 600 });
  const commands = clusterCommands({ kubectl, helm }, kubeconfigPath);
  const load = async (image: string): Promise<void> => {
    await run(kind, ['load', 'docker-image', '--name', name, image], { timeoutSeconds: 300 });
  };
  progress('Building the image of Proffer');
  await run(docker, ['build', '--tag', PROFFER_IMAGE, REPOSITORY], { timeoutSeconds: 900 });
  await load(PROFFER_IMAGE);
  await load(await schedulerImage(docker, commands.kubectl));
  const container = (action: readonly string[]) => async (node: string) => {
    await run(docker, [...action, node], { timeoutSeconds: 60 });
  };
  return {
    flavour: 'kind',
    kubeconfigPath,
    binDir: undefined,
    realNodes: await realNodesOf(commands.kubectl),
    ...commands,
    addFakeNodes: noFakes,
    removeFakeNodes: noFakes,
    partition: container(['network', 'disconnect', 'kind']),
    heal: container(['network', 'connect', 'kind']),
    powerCut: container(['kill']),
    powerOn: container(['start']),
    loadImage: async (tarPath) => {
      await run(kind, ['load', 'image-archive', '--name', name, tarPath], { timeoutSeconds: 300 });
    },
    serviceAccountKubeconfig: (namespace, account) =>
      writeServiceAccountKubeconfig(commands.kubectl, folder, { namespace, name: account }),
    leaveRunning: () => {},
    down: () => deleteKindCluster(options.index),
  };
}

/** kube-scheduler in the cluster's own version, under the name that an embedded cluster gives it. */
async function schedulerImage(docker: string, kubectl: TestCluster['kubectl']): Promise<string> {
  const { serverVersion } = JSON.parse(await kubectl(['version', '--output', 'json'])) as {
    serverVersion: { gitVersion: string };
  };
  const image = `localhost/kube-scheduler:${serverVersion.gitVersion}`;
  await run(docker, ['pull', `registry.k8s.io/kube-scheduler:${serverVersion.gitVersion}`], { timeoutSeconds: 300 });
  await run(docker, ['tag', `registry.k8s.io/kube-scheduler:${serverVersion.gitVersion}`, image]);
  return image;
}

/** Also removes a cluster that an earlier process left. */
export async function deleteKindCluster(index = indexFromEnvironment()): Promise<void> {
  await run(await findProgram('kind'), ['delete', 'cluster', '--name', clusterName(index)], { timeoutSeconds: 120 });
}
