// The API server of an embedded cluster hangs for a while: it keeps its connections, and answers nobody.
import { addressesOf, indexFromEnvironment } from './addresses.ts';
import { signalComponent } from './component.ts';
import type { TestCluster } from './test-cluster.ts';
import { waitUntil } from './wait-until.ts';

const NAME = 'kube-apiserver';

const stateDir = (): string => addressesOf(indexFromEnvironment()).stateDir;

/** Also of what was asked before: it answers when it goes on. */
export function hangApiServer(): void {
  signalComponent(stateDir(), NAME, 'SIGSTOP');
}

/** Resolves when it answers again. */
export async function resumeApiServer(cluster: TestCluster): Promise<void> {
  signalComponent(stateDir(), NAME, 'SIGCONT');
  const answers = async () => (await cluster.kubectl(['get', '--raw', '/readyz'], { timeoutSeconds: 5 })) === 'ok';
  await waitUntil('the API server answering again', answers, { timeoutSeconds: 60, everyMilliseconds: 500 });
}

/** Waits until all nodes are Ready and have renewed their Leases since now. */
export async function untilAllHeard(cluster: TestCluster): Promise<void> {
  const since = Date.now();
  const ready = String.raw`-o=jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}`;
  const renewals = ['-n', 'kube-node-lease', '-o=jsonpath={.items[*].spec.renewTime}'];
  const areHeard = async (): Promise<boolean> => {
    const [states, times] = await Promise.all([
      cluster.kubectl(['get', 'nodes', ready]),
      cluster.kubectl(['get', 'leases', ...renewals]),
    ]);
    return (
      states.split(' ').every((state) => state === 'True') && times.split(' ').every((at) => Date.parse(at) > since)
    );
  };
  await waitUntil('all nodes are heard', areHeard, { timeoutSeconds: 60, everyMilliseconds: 500 });
}
