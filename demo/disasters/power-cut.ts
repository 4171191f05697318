import type { Disaster } from './disaster.ts';

/** Everything on the node stops at once. */
export const powerCut: Disaster = {
  title: 'the node loses power: everything there stops at once, and nobody is told',
  expects: 'move',
  seconds: 150,
  async strike({ cluster, timeline, node }) {
    timeline.begin(`${node} loses power`);
    await cluster.powerCut(node);
  },
  async mend({ cluster, timeline, node }) {
    timeline.add('disaster', `${node} has power again and boots`);
    await cluster.powerOn(node);
  },
};
