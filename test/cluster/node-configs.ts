import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { Addresses, NodeAddresses } from './addresses.ts';

const GIB = 2 ** 30;

/** Folders of a real node, all below its state folder. */
export const kubeletRootOf = (node: NodeAddresses): string => join(node.stateDir, 'kubelet');
export const containerdSocketOf = (node: NodeAddresses): string => join(node.stateDir, 'containerd.sock');
export const containerdRootOf = (node: NodeAddresses): string => join(node.stateDir, 'root');

/** Plugins that keep things in folders shared by the whole machine, or serve what nobody here uses. */
const UNUSED_PLUGINS = [
  'io.containerd.internal.v1.opt',
  'io.containerd.nri.v1.nri',
  'io.containerd.internal.v1.tracing',
];

/** TOML. */
export function containerdConfig(node: NodeAddresses): string {
  const folder = (name: string): string => JSON.stringify(join(node.stateDir, name));
  return `version = 3
root = ${folder('root')}
state = ${folder('state')}
disabled_plugins = ${JSON.stringify(UNUSED_PLUGINS)}
[grpc]
  address = ${JSON.stringify(containerdSocketOf(node))}
[ttrpc]
  address = ${JSON.stringify(`${containerdSocketOf(node)}.ttrpc`)}
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = "localhost/pause:1"
[plugins.'io.containerd.cri.v1.runtime']
  # Containers and test machines often lack CAP_SYS_RESOURCE, without which no score can be lowered.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ["/usr/lib/cni", "/opt/cni/bin"]
  conf_dir = ${folder('cni')}
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
  Root = ${folder('runc')}
`;
}

/** Pods get a route to everywhere: without it they answer nobody outside their node. */
export function cniConfig(node: NodeAddresses): object {
  const ipam = {
    type: 'host-local',
    dataDir: join(node.stateDir, 'ipam'),
    ranges: [[{ subnet: node.podCidr }]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  return { cniVersion: '1.0.0', name: 'proffer', plugins: [{ type: 'ptp', ipMasq: false, ipam }] };
}

/**
 * Each node sees the whole machine's memory: it reserves all but 6 GiB (all but a quarter, on a machine of less than 24 GiB). Several
 * nodes on one machine are a fiction all the same: what pods really use must fit the machine.
 */
export function systemReservedBytes(machineBytes = totalmem()): number {
  return machineBytes - Math.min(6 * GIB, machineBytes / 4);
}

export function kubeletConfig(cluster: Addresses, node: NodeAddresses, dns: boolean): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${node.cgroup}`,
    enforceNodeAllocatable: [],
    containerRuntimeEndpoint: `unix://${containerdSocketOf(node)}`,
    // Only the bridge leads to the node's address.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    readOnlyPort: 0,
    ...(dns ? { clusterDNS: [cluster.bridgeIp], clusterDomain: 'cluster.local' } : {}),
    failSwapOn: false,
    // A volume mounts when the node's status says that it is in use there: with the default of 10 s a pod waits that long for it.
    nodeStatusUpdateFrequency: '1s',
    // How full volumes are is known after so long; with the default of a minute everybody waits for that.
    volumeStatsAggPeriod: '10s',
    podLogsDir: join(node.stateDir, 'podlogs'),
    volumePluginDir: join(node.stateDir, 'volume-plugins'),
    systemReserved: { memory: String(systemReservedBytes()) },
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    // No image may be collected: there is nowhere to pull it from again.
    imageGCHighThresholdPercent: 100,
    serializeImagePulls: false,
  };
}
