// All nodes of a zone at once. Four nodes in three zones: the zone of two is hit, and two of four dead nodes are what the circuit breaker is for.
import type { PersistentApp } from '../../src/api/persistent-app.ts';
import { TAINT_OUT_OF_SERVICE } from '../../src/core/recovery/node-trouble.ts';
import type { TestCluster } from '../../test/cluster/test-cluster.ts';
import { waitUntil } from '../../test/cluster/wait-until.ts';
import { RELEASE_NAMESPACE } from '../install-proffer.ts';
import type { Disaster, Scene } from './disaster.ts';
import { NAMESPACE } from './workload.ts';

/** How long it is shown that nothing moves. */
const HELD_SECONDS = 15;

/** By default nothing moves until a person says that the nodes are off; with `--set recovery.zoneLoss=Automatic` nobody is asked. */
export const zoneLoss: Disaster = {
  title: 'all nodes of a zone lose power: the circuit breaker holds until a person says that they are off',
  expects: 'move',
  seconds: 150,
  nodes: 4,
  async mayHit(cluster, nodes) {
    const zones = await zonesOf(cluster);
    const shared = [...zones.values()].filter((zone, index, all) => all.indexOf(zone) !== index);
    return nodes.filter((node) => shared.includes(zones.get(node) ?? ''));
  },
  async strike(scene) {
    const { cluster, timeline, node } = scene;
    const { zone, nodes } = await neighboursOf(cluster, node);
    timeline.begin(`zone ${zone} loses power: ${nodes.join(', ')}`);
    await Promise.all(nodes.map((name) => cluster.powerCut(name)));
    if (await isAutomatic(cluster)) return;
    await waitUntil('the circuit breaker holding', () => isHeld(scene), { timeoutSeconds: 90, everyMilliseconds: 500 });
    await new Promise((resolve) => setTimeout(resolve, HELD_SECONDS * 1000));
    timeline.add('disaster', `a person made sure that they are off: kubectl taint nodes ${nodes.join(' ')} ${OFF}`);
    await cluster.kubectl(['taint', 'nodes', ...nodes, OFF]);
  },
  async mend({ cluster, timeline, node }) {
    const { zone, nodes } = await neighboursOf(cluster, node);
    timeline.add('disaster', `zone ${zone} has power again`);
    await Promise.all(nodes.map((name) => cluster.powerOn(name)));
    // Proffer takes away its own taints only. By the value, which says whose it is.
    if (!(await isAutomatic(cluster))) await cluster.kubectl(['taint', 'nodes', ...nodes, `${OFF}-`]);
  },
};

const OFF = `${TAINT_OUT_OF_SERVICE}=nodeshutdown:NoExecute`;

async function isAutomatic(cluster: TestCluster): Promise<boolean> {
  const args = 'jsonpath={.items[*].spec.template.spec.containers[*].args}';
  const said = await cluster.kubectl(['get', 'deployments', '-n', RELEASE_NAMESPACE, '-o', args]);
  return said.includes('--zone-loss=automatic');
}

/** Whether the app says so. */
async function isHeld({ cluster, member }: Scene): Promise<boolean> {
  const name = member.replace(/-\d+$/, '');
  const app = JSON.parse(await cluster.kubectl(['get', 'papp', name, '-n', NAMESPACE, '-o', 'json'])) as PersistentApp;
  return app.status?.operations.some(({ blockedBy }) => blockedBy === 'CircuitBreaker') ?? false;
}

/** The zone of a node, and all nodes there. */
async function neighboursOf(
  cluster: TestCluster,
  node: string,
): Promise<{ readonly zone: string; readonly nodes: readonly string[] }> {
  const zones = await zonesOf(cluster);
  const zone = zones.get(node) ?? '';
  return { zone, nodes: cluster.realNodes.filter((name) => zones.get(name) === zone) };
}

interface Nodes {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  }[];
}

async function zonesOf(cluster: TestCluster): Promise<ReadonlyMap<string, string>> {
  const { items } = JSON.parse(await cluster.kubectl(['get', 'nodes', '-o', 'json'])) as Nodes;
  return new Map(
    items.map(({ metadata }) => [metadata.name, metadata.labels?.['topology.kubernetes.io/zone'] ?? metadata.name]),
  );
}
