// Which node is hit.
import { objectOf, textOf } from '../../src/core/facts/json.ts';
import type { TestCluster } from '../../test/cluster/test-cluster.ts';

/** Whose node: that of a member and of nothing of Proffer that leads, of the leading operator, or of the active scheduler. */
export const HITS = ['member', 'operator', 'scheduler'] as const;
export type Hit = (typeof HITS)[number];

interface Items {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: Readonly<Record<string, unknown>>;
  }[];
}

interface Choice {
  readonly hit: Hit;
  readonly namespace: string;
  /** Where Proffer is installed. */
  readonly release: string;
  /** Nodes of the app's members. */
  readonly candidates: readonly string[];
}

/** The node to hit, one of the candidates. Throws when none of them is what is asked for. */
export async function chooseNode(cluster: TestCluster, { hit, release, candidates }: Choice): Promise<string> {
  const leads = await leadersNodes(cluster, release);
  const wanted = hit === 'member' ? (node: string) => ![...leads.values()].includes(node) : undefined;
  const node = candidates.find((name) => (wanted === undefined ? leads.get(hit) === name : wanted(name)));
  if (node !== undefined) return node;
  if (hit === 'member' && candidates[0] !== undefined) return candidates[0];
  throw new Error(`no member of the app is on the node of the leading ${hit}, which is ${leads.get(hit) ?? 'unknown'}`);
}

/** Where the leading operator and the active scheduler run, by their Leases. */
async function leadersNodes(cluster: TestCluster, release: string): Promise<ReadonlyMap<string, string>> {
  const read = async (kind: string): Promise<Items> =>
    JSON.parse(await cluster.kubectl(['get', kind, '-n', release, '-o', 'json'])) as Items;
  const [leases, pods] = await Promise.all([read('leases'), read('pods')]);
  const nodeOf = new Map(pods.items.map(({ metadata, spec }) => [metadata.name, textOf(objectOf(spec)['nodeName'])]));
  const found = leases.items.map(({ metadata, spec }) => {
    // kube-scheduler adds an underscore and a random part to its pod's name.
    const [holder = ''] = textOf(spec['holderIdentity']).split('_');
    return [metadata.name.endsWith('operator') ? 'operator' : 'scheduler', nodeOf.get(holder) ?? ''] as const;
  });
  return new Map(found);
}
