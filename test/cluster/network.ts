import { existsSync, readdirSync } from 'node:fs';
import type { Addresses, NodeAddresses } from './addresses.ts';
import { run, tryRun } from './command.ts';

const ip = (...args: readonly string[]): Promise<string> => run('ip', args, { timeoutSeconds: 20 });

/** The bridge that the nodes, the API server and the DNS share. */
export async function createBridge({ bridge, bridgeCidr }: Addresses): Promise<void> {
  await ip('link', 'add', bridge, 'type', 'bridge');
  await ip('address', 'add', bridgeCidr, 'dev', bridge);
  await ip('link', 'set', bridge, 'up');
}

/**
 * A network namespace with a link to the bridge. Nodes reach each other's pods directly over the bridge, so the machine itself
 * needs no packet forwarding; it gets a route to the node's pods for exec, webhooks and DNS answers.
 */
export async function createNodeNetwork(
  cluster: Addresses,
  node: NodeAddresses,
  others: readonly NodeAddresses[],
): Promise<void> {
  await ip('netns', 'add', node.netns);
  await ip('link', 'add', node.link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', node.netns);
  await ip('link', 'set', node.link, 'master', cluster.bridge, 'up');
  const inside = (...args: readonly string[]): Promise<string> => ip('-n', node.netns, ...args);
  await inside('link', 'set', 'lo', 'up');
  await inside('address', 'add', `${node.ip}/24`, 'dev', 'eth0');
  await inside('link', 'set', 'eth0', 'up');
  await inside('route', 'add', 'default', 'via', cluster.bridgeIp);
  for (const other of others) await inside('route', 'add', other.podCidr, 'via', other.ip);
  await run('nsenter', [`--net=/run/netns/${node.netns}`, 'sysctl', '-qw', 'net.ipv4.ip_forward=1']);
  await ip('route', 'replace', node.podCidr, 'via', node.ip);
}

/** Takes the link down: packets are lost in both directions, nobody is told. */
export async function cutLink(node: NodeAddresses): Promise<void> {
  await ip('link', 'set', node.link, 'down');
}

export async function restoreLink(node: NodeAddresses): Promise<void> {
  await ip('link', 'set', node.link, 'up');
}

/** Removes namespaces, links and bridge of a cluster; routes go with the bridge, firewall rules with the namespaces. */
export async function removeNetwork({ index, bridge }: Addresses): Promise<void> {
  for (const name of networkNamespaces(index)) await ip('netns', 'delete', name);
  for (const name of links(index)) await tryRun('ip', ['link', 'delete', name]);
  if (existsSync(`/sys/class/net/${bridge}`)) await ip('link', 'delete', bridge);
}

export function networkNamespaces(index: number): readonly string[] {
  return existsSync('/run/netns') ? readdirSync('/run/netns').filter((name) => name.startsWith(`pf${index}-`)) : [];
}

/** Links of the nodes, at the machine's end. */
export function links(index: number): readonly string[] {
  return readdirSync('/sys/class/net').filter((name) => name.startsWith(`pf${index}v`));
}
