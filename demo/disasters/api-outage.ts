import { addressesOf, indexFromEnvironment } from '../../test/cluster/addresses.ts';
import { signalComponent } from '../../test/cluster/component.ts';
import { waitUntil } from '../../test/cluster/wait-until.ts';
import type { Disaster } from './disaster.ts';

const stateDir = (): string => addressesOf(indexFromEnvironment()).stateDir;

/** Longer than all thresholds of suspicion: whoever counts this time against nodes moves everything at its end. */
const SECONDS = 120;

/** The API server hangs: nobody's Lease is renewed, and no node is at fault. */
export const apiOutage: Disaster = {
  title: `the API server hangs for ${SECONDS} s; all nodes are well, and nothing may move`,
  expects: 'nothing',
  seconds: SECONDS,
  async strike({ timeline }) {
    timeline.begin('the API server hangs');
    signalComponent(stateDir(), 'kube-apiserver', 'SIGSTOP');
  },
  async mend({ cluster, timeline }) {
    timeline.add('disaster', 'the API server goes on');
    signalComponent(stateDir(), 'kube-apiserver', 'SIGCONT');
    const answers = async () => (await cluster.kubectl(['get', '--raw', '/readyz'], { timeoutSeconds: 5 })) === 'ok';
    await waitUntil('the API server answering again', answers, { timeoutSeconds: 60, everyMilliseconds: 500 });
  },
};
