import type { Disaster } from './disaster.ts';

/** The node is cut off and runs on: its pods go on writing until something stops them. */
export const partition: Disaster = {
  title: "the node's network link is cut; its pods run on and write",
  expects: 'move',
  runsOn: true,
  seconds: 150,
  async strike({ cluster, timeline, node }) {
    timeline.begin(`the network link of ${node} is cut; what runs there runs on`);
    await cluster.partition(node);
  },
  async mend({ cluster, timeline, node }) {
    timeline.add('disaster', `the link of ${node} is back`);
    await cluster.heal(node);
  },
};
