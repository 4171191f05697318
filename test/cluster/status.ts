import { existsSync } from 'node:fs';
import type { Addresses } from './addresses.ts';
import { tryRun } from './command.ts';
import { startedComponents } from './component.ts';
import { kubeconfigPathOf } from './credentials.ts';
import { leftovers } from './down.ts';
import { ownerOf } from './owner.ts';
import { isAlive } from './processes.ts';

/** What a person wants to know about the embedded cluster of an index. */
export interface ClusterStatus {
  readonly up: boolean;
  readonly lines: readonly string[];
}

export async function clusterStatus(addresses: Addresses): Promise<ClusterStatus> {
  const { index, stateDir } = addresses;
  const owner = ownerOf(stateDir);
  if (owner === undefined) return nothingUp(addresses);
  const components = startedComponents(stateDir);
  const ended = components.filter((component) => !isAlive(component)).map(({ name }) => name);
  const kubeconfig = kubeconfigPathOf(stateDir, 'admin');
  const nodes = existsSync(kubeconfig) ? await nodeLines(stateDir, kubeconfig) : [];
  const belongs = owner.kind === 'person' ? 'stays until `down`' : `belongs to process ${owner.process.pid}`;
  return {
    up: ended.length === 0 && nodes.length > 0,
    lines: [
      `Cluster ${index}: ${belongs}; ${components.length - ended.length} of ${components.length} components run`,
      ...ended.map((name) => `  ${name} has ended: see ${stateDir}/log/${name}.log`),
      ...nodes.map((line) => `  ${line}`),
      `  export KUBECONFIG=${kubeconfig}`,
      `  kubectl and helm are in ${stateDir}/bin, logs in ${stateDir}/log`,
    ],
  };
}

function nothingUp(addresses: Addresses): ClusterStatus {
  const left = leftovers(addresses);
  const lines = [`Cluster ${addresses.index} is not up`];
  if (left.length > 0) lines.push(`  left behind by a killed run (\`down\` removes it): ${left.join(', ')}`);
  return { up: false, lines };
}

async function nodeLines(stateDir: string, kubeconfig: string): Promise<readonly string[]> {
  const args = ['--kubeconfig', kubeconfig, '--request-timeout', '5s', 'get', 'nodes', '--output', 'wide'];
  const answer = await tryRun(`${stateDir}/bin/kubectl`, args, { timeoutSeconds: 10 });
  if (answer === undefined) return [];
  return answer.trim() === '' ? ['no nodes'] : answer.trim().split('\n');
}
