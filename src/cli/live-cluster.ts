import { type KubeClient, connect } from '../kube/client.ts';
import { namespaceOfContext } from '../kube/kubeconfig.ts';
import { type ParsedLine, valueOf } from './command-line.ts';
import { type ReadCluster, readCluster } from './read-cluster.ts';

/** The namespace that the command is about: -n, the context's, else default. */
export function namespaceFor(line: ParsedLine): string {
  const given = valueOf(line, 'namespace');
  return given ?? namespaceOfContext(valueOf(line, 'kubeconfig'), valueOf(line, 'context')) ?? 'default';
}

/** Reads the cluster of the kubeconfig. Throws when it cannot be reached. */
export async function readLive(line: ParsedLine, namespace: string): Promise<ReadCluster> {
  const client: KubeClient = connect({
    kubeconfigPath: valueOf(line, 'kubeconfig'),
    context: valueOf(line, 'context'),
    userAgent: 'kubectl-proffer',
  });
  try {
    return await readCluster(client, namespace);
  } finally {
    client.close();
  }
}
