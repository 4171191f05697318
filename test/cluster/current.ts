import { mkdtempSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { clusterCommands } from './cluster-commands.ts';
import { run } from './command.ts';
import { findProgram } from './find-program.ts';
import { realNodesOf } from './node-names.ts';
import { writeServiceAccountKubeconfig } from './service-account.ts';
import type { ClusterOptions, TestCluster } from './test-cluster.ts';

const cannot = (what: string) => (): Promise<never> =>
  Promise.reject(
    new Error(`${what} is not done to a cluster that is not ours; use --cluster=embedded or --cluster=kind.`),
  );

/** The cluster of the user's kubeconfig, as it is. Nothing of its machines is touched, so it has no faults and no fake nodes. */
export async function useCurrentCluster(options: ClusterOptions): Promise<TestCluster> {
  const kubeconfigPath = process.env['KUBECONFIG'] ?? join(homedir(), '.kube', 'config');
  const programs = { kubectl: await findProgram('kubectl'), helm: await findProgram('helm') };
  const context = (
    await run(programs.kubectl, ['config', 'current-context'], { env: { KUBECONFIG: kubeconfigPath } })
  ).trim();
  options.onProgress?.(`Using the current cluster: context ${context} of ${kubeconfigPath}`);
  const commands = clusterCommands(programs, kubeconfigPath);
  const folder = mkdtempSync(join(tmpdir(), 'proffer-'));
  return {
    flavour: 'current',
    kubeconfigPath,
    binDir: undefined,
    realNodes: await realNodesOf(commands.kubectl),
    ...commands,
    addFakeNodes: cannot('Adding fake nodes'),
    removeFakeNodes: cannot('Removing nodes'),
    partition: cannot('A partition'),
    heal: cannot('Healing a partition'),
    powerCut: cannot('A power cut'),
    powerOn: cannot('Powering on'),
    loadImage: cannot('Loading an image'),
    serviceAccountKubeconfig: (namespace, name) =>
      writeServiceAccountKubeconfig(commands.kubectl, folder, { namespace, name }),
    leaveRunning: () => {},
    down: () => Promise.resolve(),
  };
}
