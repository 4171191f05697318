import { type HostPort, portsClash } from '../../facts/pod-term.ts';
import type { PodStage } from './pod-stage.ts';

/** The host ports that the member's pod wants are not taken on the node. */
export const hostPorts: PodStage = {
  dependsOnPods: true,
  against: ({ around, view }, newcomer) => {
    const wanted = around.pods.hostPorts;
    if (wanted.length === 0) return undefined;
    const clash = (row: number): { readonly port: HostPort; readonly holder: string } | undefined => {
      for (const pod of around.withPortsOn(view.nodeTable.names[row] ?? '', newcomer)) {
        const port = wanted.find((own) => pod.excludes?.hostPorts.some((taken) => portsClash(own, taken)));
        if (port !== undefined) return { port, holder: `${pod.namespace}/${pod.name}` };
      }
      return undefined;
    };
    return {
      admits: (row) => clash(row) === undefined,
      tell: (row, tell) => {
        const found = clash(row);
        if (found === undefined) return;
        const { port, protocol } = found.port;
        tell('HostPortTaken', () => `host port ${port}/${protocol} is taken by pod ${found.holder}`);
      },
    };
  },
};
