import { join } from 'node:path';
import { type ComponentSpec, GO_ENVIRONMENT } from '../component.ts';
import { controllerSocket } from './driver-name.ts';

export interface SidecarOptions {
  readonly stateDir: string;
  readonly binDir: string;
  readonly kubeconfigPath: string;
  readonly snapshots: boolean;
}

/** The real CSI sidecars, out of cluster. They end when the array's socket closes, so they are started again and again. */
export function sidecars({ stateDir, binDir, kubeconfigPath, snapshots }: SidecarOptions): readonly ComponentSpec[] {
  // The sidecars' own limit of 5 requests/s would be what a test of many volumes measures.
  const client = [`--kubeconfig=${kubeconfigPath}`, '--kube-api-qps=200', '--kube-api-burst=400'];
  const csi = [
    ...client,
    `--csi-address=${controllerSocket(stateDir)}`,
    '--timeout=30s',
    '--retry-interval-start=200ms',
  ];
  const sidecar = (
    name: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): ComponentSpec => ({
    name,
    command: join(binDir, name),
    args,
    env: { ...GO_ENVIRONMENT, ...env },
    restart: true,
  });
  const provisioning = [
    '--feature-gates=Topology=true',
    '--strict-topology',
    '--immediate-topology=false',
    '--enable-capacity',
    // No owner: the provisioner is no pod, so its capacity objects belong to nobody.
    '--capacity-ownerref-level=-1',
    '--capacity-poll-interval=10s',
    '--extra-create-metadata',
  ];
  return [
    sidecar('csi-provisioner', [...csi, ...provisioning], { NAMESPACE: 'kube-system', POD_NAME: 'csi-provisioner' }),
    sidecar('csi-attacher', csi),
    sidecar('csi-resizer', csi),
    ...(snapshots ? [sidecar('csi-snapshotter', csi), sidecar('snapshot-controller', client)] : []),
  ];
}
