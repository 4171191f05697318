import type { Disaster } from './disaster.ts';

/** The machine is gone for good, and its Node object is removed, as a cloud's controller manager does for a terminated instance. */
export const nodeLoss: Disaster = {
  title: 'the machine is gone and its Node object removed, as a cloud does; that alone is no evidence',
  expects: 'move',
  seconds: 180,
  async strike({ cluster, timeline, node }) {
    timeline.begin(`the machine of ${node} is gone`);
    await cluster.powerCut(node);
    await cluster.kubectl(['delete', 'node', node, '--wait=false']);
    timeline.add('disaster', `the Node object ${node} is removed`);
  },
  async mend({ cluster, timeline, node }) {
    timeline.add('disaster', `a machine of the same name ${node} joins`);
    await cluster.powerOn(node);
  },
};
