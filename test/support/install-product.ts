// Installs what the chart installs but its pods: CRDs, service accounts, rights, the PriorityClass and the deletion policy, so that tests may run
// the programs as processes with exactly the credentials that they have in a cluster.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { untilEstablished } from '../cluster/established.ts';
import type { TestCluster } from '../cluster/test-cluster.ts';

export const NAMESPACE = 'proffer-system';

/** The chart rendered, which chart.test.ts holds to be so: after a change of the chart, `npm run generate:install`. */
const INSTALL = join(import.meta.dirname, '..', '..', 'deploy', 'install.yaml');
const LEFT_OUT: ReadonlySet<string> = new Set(['Deployment', 'PodDisruptionBudget', 'ConfigMap']);

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

export async function installProduct(cluster: TestCluster): Promise<void> {
  const manifests = parseAllDocuments(readFileSync(INSTALL, 'utf8'))
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest): manifest is Manifest => manifest !== null && !LEFT_OUT.has(manifest.kind));
  const crds = manifests.filter(({ kind }) => kind === 'CustomResourceDefinition');
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
  await apply(cluster, [namespace]);
  await apply(cluster, manifests);
  await untilEstablished(
    (args) => cluster.kubectl(args),
    crds.map(({ metadata }) => metadata.name),
  );
}

/** Each by itself, side by side: the API server takes them in any order, once their namespace is there. */
async function apply(cluster: TestCluster, manifests: readonly object[]): Promise<void> {
  const args = ['apply', '--server-side', '--force-conflicts', '-f', '-'];
  await Promise.all(manifests.map((manifest) => cluster.kubectl(args, { input: JSON.stringify(manifest) })));
}
