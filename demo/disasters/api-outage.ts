import { hangApiServer, resumeApiServer } from '../../test/cluster/api-outage.ts';
import type { Disaster } from './disaster.ts';

/** Longer than all thresholds of suspicion: whoever counts this time against nodes moves everything at its end. */
const SECONDS = 120;

/** The API server hangs: nobody's Lease is renewed, and no node is at fault. */
export const apiOutage: Disaster = {
  title: `the API server hangs for ${SECONDS} s; all nodes are well, and nothing may move`,
  expects: 'nothing',
  seconds: SECONDS,
  async strike({ timeline }) {
    timeline.begin('the API server hangs');
    hangApiServer();
  },
  async mend({ cluster, timeline }) {
    timeline.add('disaster', 'the API server goes on');
    await resumeApiServer(cluster);
  },
};
