// Proffer beside the cluster instead of in it: the same programs as processes, each with the rights that the chart gives it. For
// scenarios on fake nodes, which run no containers.
import { startProfferScheduler } from '../test/cluster/proffer-scheduler.ts';
import type { TestCluster } from '../test/cluster/test-cluster.ts';
import { waitUntil } from '../test/cluster/wait-until.ts';
import { NAMESPACE, installProduct } from '../test/support/install-product.ts';
import { startProgram } from '../test/support/program.ts';

export interface ProfferProcesses {
  stop(): Promise<void>;
}

/** Resolves when operator, extender and kube-scheduler are ready. */
export async function startProfferProcesses(cluster: TestCluster): Promise<ProfferProcesses> {
  await installProduct(cluster);
  const kubeconfig = await cluster.serviceAccountKubeconfig(NAMESPACE, 'proffer-operator');
  const operator = startProgram([
    'operator',
    `--kubeconfig=${kubeconfig}`,
    `--namespace=${NAMESPACE}`,
    '--http-port=off',
    '--identity=demo',
    '--member-priority-class=proffer-member',
  ]);
  const scheduler = await startProfferScheduler(cluster);
  const isSynced = async () => operator.output().includes('caches are synced');
  await waitUntil('the operator is ready', isSynced, { timeoutSeconds: 60 });
  return {
    stop: async () => void (await Promise.all([operator.kill('SIGTERM'), scheduler.stop()])),
  };
}
