/**
 * A Mesos cycle as plain as it can be written, on the same machine in the same run: the agents in random order, each offered whole to the
 * framework with the smallest dominant share, which a sorted list gives as in Mesos's DRF sorter: the client is taken out and put back
 * at its new place. No rules, no node choice, no explanation; only CPU is counted, since all agents are alike. Seconds.
 */
export function timeWholeAgentCycle({ nodes, frameworks }: { nodes: number; frameworks: number }): number {
  const agents = Array.from({ length: nodes }, (_, index) => ({ name: `agent-${index}`, cpus: 24 }));
  const clients = Array.from({ length: frameworks }, (_, index) => ({ name: `framework-${index}`, cpus: 0, share: 0 }));
  const total = agents.reduce((sum, { cpus }) => sum + cpus, 0);
  const offers = new Map<string, string[]>();
  const started = performance.now();
  for (const agent of agents) {
    const client = clients.shift();
    if (client === undefined) break;
    client.cpus += agent.cpus;
    client.share = client.cpus / total;
    const offered = offers.get(client.name) ?? [];
    offered.push(agent.name);
    offers.set(client.name, offered);
    clients.splice(placeOf(client, clients), 0, client);
  }
  return (performance.now() - started) / 1000;
}

interface Client {
  readonly name: string;
  readonly share: number;
}

function placeOf(client: Client, sorted: readonly Client[]): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = sorted[middle];
    if (
      other !== undefined &&
      (other.share < client.share || (other.share === client.share && other.name < client.name))
    )
      low = middle + 1;
    else high = middle;
  }
  return low;
}
