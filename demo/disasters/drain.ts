import type { Disaster } from './disaster.ts';

/** What the timeline says when nothing is left on the node. */
export const drainEnded = (node: string): string => `kubectl drain ${node} has ended: the node is empty`;

/** A person or an autoscaler empties the node: a slot elsewhere first, then the move. */
export const drain: Disaster = {
  title: 'kubectl drain of the node: a slot first, then the move, and the drain ends',
  expects: 'drain',
  seconds: 150,
  async strike({ cluster, timeline, node }) {
    timeline.begin(`kubectl drain ${node}`);
    await cluster.kubectl(['cordon', node]);
    const args = ['drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=140s'];
    cluster.kubectl(args, { timeoutSeconds: 145 }).then(
      () => timeline.add('kubernetes', drainEnded(node)),
      (error: unknown) => {
        const why = (error instanceof Error ? error.message : String(error)).trim().split('\n').at(-1) ?? '';
        timeline.add('kubernetes', `kubectl drain ${node} gave up: ${why}`);
      },
    );
  },
  async mend({ cluster, timeline, node }) {
    timeline.add('disaster', `kubectl uncordon ${node}`);
    await cluster.kubectl(['uncordon', node]);
  },
};
