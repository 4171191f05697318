import type { TestCluster } from './test-cluster.ts';

interface NodeList {
  readonly items: ReadonlyArray<{
    readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
    readonly spec: { readonly taints?: ReadonlyArray<{ readonly key: string }> };
  }>;
}

/** Names of the nodes that run ordinary pods. */
export async function realNodesOf(kubectl: TestCluster['kubectl']): Promise<readonly string[]> {
  const { items } = JSON.parse(await kubectl(['get', 'nodes', '--output', 'json'])) as NodeList;
  return items
    .filter(({ metadata }) => metadata.annotations?.['kwok.x-k8s.io/node'] === undefined)
    .filter(({ spec }) => !(spec.taints ?? []).some(({ key }) => key === 'node-role.kubernetes.io/control-plane'))
    .map(({ metadata }) => metadata.name);
}
